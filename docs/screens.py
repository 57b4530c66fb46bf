"""Takes the pictures in docs/screens/ from a running demo: `python docs/screens.py http://127.0.0.1:8000 [part…]`.

Needs the development packages and Chromium. Each picture is a page as one of the demo's cast sees it. A part is one of
`public`, `tried`, `members`, `brought`, `opened`, `play` and `desk`; without any it takes all of them. Play answers a
lesson and shares a badge, the desk writes drafts and proposals, so the demo should be fresh. Given the link of an
installation that is not set up yet (`flask --app wsgi setup-link`), it takes the pictures of the setup instead.
"""

import sys
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

FOLDER = Path(__file__).parent / "screens"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE, DESK = 390, 1280

# name, who, address, language, scheme, width
PUBLIC = [
    ("landing-en", "/", "en", "light", DESK),
    ("landing-ar-phone", "/", "ar", "dark", PHONE),
    ("join-zh-phone", "/join", "zh-CN", "light", PHONE),
    ("login-en", "/login", "en", "light", DESK),
    ("forgot-ar", "/forgot", "ar", "light", DESK),
    ("terms-en", "/terms", "en", "light", DESK),
    ("missing-en", "/nowhere", "en", "light", DESK),
    ("api-en", "/api", "en", "light", DESK),
]
MEMBERS = [
    ("home-en", "middle", "/home", "light", DESK),
    ("home-phone", "middle", "/home", "light", PHONE),
    ("home-ar-dark", "arabic", "/home", "dark", DESK),
    ("home-zh-phone", "chinese", "/home", "light", PHONE),
    ("home-new", "new", "/home", "light", DESK),
    ("home-cyprus", "cyprus", "/home", "light", DESK),
    ("points-en", "middle", "/points", "light", DESK),
    ("points-phone", "middle", "/points", "dark", PHONE),
    ("points-ar-dark", "arabic", "/points", "dark", DESK),
    ("points-zh", "chinese", "/points", "light", DESK),
    ("points-new", "new", "/points", "light", PHONE),
    ("missed-en", "middle", "/points?tab=missed", "light", DESK),
    ("missed-cyprus", "cyprus", "/points?tab=missed", "light", DESK),
    ("missed-ar-phone", "arabic", "/points?tab=missed", "dark", PHONE),
    ("activity-en", "middle", "/activity", "light", DESK),
    ("activity-zh-phone", "chinese", "/activity", "dark", PHONE),
    ("tiers-en", "middle", "/tiers", "light", DESK),
    ("tiers-top-dark", "top", "/tiers", "dark", DESK),
    ("tiers-ar-phone", "arabic", "/tiers", "light", PHONE),
    ("profile-en", "middle", "/profile", "light", DESK),
    ("profile-ar-phone", "arabic", "/profile", "dark", PHONE),
]
# What members bring and ask: each page is taken three times.
BROUGHT = [
    ("accounts", "/accounts", ("middle", "arabic", "chinese")),
    ("accounts-new", "/accounts", ("new", "new", "new")),
    ("import-read", "/accounts/imports/5", ("chinese", "chinese", "chinese")),
    ("import-stored", "/accounts/imports/4", ("middle", "middle", "middle")),
    ("question", "/questions/2", ("middle", "middle", "middle")),
    ("security", "/profile/security", ("middle", "arabic", "chinese")),
    ("data", "/profile/data", ("middle", "arabic", "chinese")),
]
# What members come back for, and what staff make of it: each page is taken three times.
PLAY = [
    ("challenges", "/challenges", ("middle", "arabic", "chinese")),
    ("challenges-new", "/challenges", ("new", "new", "new")),
    ("quest", "/challenges/2", ("middle", "cyprus", "chinese")),
    ("lessons", "/lessons", ("arabic", "arabic", "arabic")),
    ("lesson", "/lessons/position_size", ("middle", "arabic", "chinese")),
    ("journal", "/journal", ("middle", "arabic", "chinese")),
    ("habits", "/habits", ("middle", "arabic", "chinese")),
    ("badges", "/badges", ("middle", "arabic", "chinese")),
    ("badges-new", "/badges", ("new", "new", "new")),
    ("badge", "/badges/journal", ("middle", "arabic", "chinese")),
    ("messages", "/messages", ("middle", "arabic", "chinese")),
    ("messages-chosen", "/profile/messages", ("middle", "arabic", "chinese")),
]
DESK_PLAY = [
    ("challenges", "/admin/challenges"),
    ("challenge", "/admin/challenges/1"),
    ("challenge-draft", "draft"),
    ("badges", "/admin/badges"),
    ("lesson", "/admin/lessons/1"),
]
OPENED = [
    ("explanation-en", "middle", "light", DESK),
    ("explanation-ar", "arabic", "dark", DESK),
    ("explanation-zh-phone", "chinese", "light", PHONE),
]
# Of the desk each page is taken three times; "draft" is the draft that the script itself begins.
LOOKS = [("en", "en", "light", DESK), ("ar-dark", "ar", "dark", DESK), ("zh-phone", "zh", "light", PHONE)]
DESK_PAGES = [
    ("overview", "/admin"),
    ("rules", "/admin/rules"),
    ("rule-draft", "draft"),
    ("approvals", "/admin/approvals"),
    ("members", "/admin/members"),
    ("member", "/admin/members/3"),
    ("tiers", "/admin/tiers"),
    ("packs", "/admin/packs"),
    ("bench", "/admin/packs/bench?country=CY"),
    ("audit", "/admin/audit"),
    ("statements", "/admin/statements"),
    ("statement", "/admin/statements/3"),
    ("account-requests", "/admin/account-requests"),
    ("question", "/admin/questions/3"),
    ("brand", "/admin/brand"),
]
LONGEST = {PHONE: 2400, DESK: 1800}


def open_page(browser: Browser, base: str, width: int, scheme: str, locale: str = "en") -> Page:
    """A page of a browser of its own."""
    size = {"width": width, "height": 844 if width == PHONE else 900}
    # A ring that is still filling would show too little.
    settled = {"reduced_motion": "reduce", "color_scheme": scheme}
    context = browser.new_context(base_url=base, viewport=size, locale=locale, **settled)
    # A stream is never idle, which is what a picture waits for.
    context.route("**/live*", lambda route: route.fulfill(status=204))
    context.route("**/live/*", lambda route: route.fulfill(status=204))
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def sign_in(page: Page, role: str) -> None:
    """One press on the landing page."""
    page.goto("/")
    page.locator(f"button[name=role][value={role}]").click()
    page.wait_for_url("**/home**")


def sign_in_at_desk(page: Page, role: str) -> None:
    """One press under “Try the desk”."""
    page.goto("/")
    page.locator(f"form[action$='/demo/desk'] button[name=role][value={role}]").click()
    page.wait_for_url("**/admin**")


def speak(page: Page, language: str, theme: str) -> None:
    """Choose language and look in the menu of the desk."""
    for button in (f"language][value={language}", f"theme][value={theme}"):
        page.locator(".staffbar .menu .round").click()
        page.locator(f".staffbar button[name={button}]").click()
        page.wait_for_load_state()


def keep(picture: bytes, name: str) -> None:
    """Store a picture in 256 colours."""
    with Image.open(BytesIO(picture)) as image:
        whole = image.convert("RGB")
    # Rare colours count too (a phrase in gold), and what is between two is mixed of them: light fades without steps.
    palette = whole.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    few = whole.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    few.save(FOLDER / f"{name}.png", optimize=True)


def take(page: Page, name: str, longest: int | None = None) -> None:
    """The whole page, once its pictures and fonts are there; `longest` cuts it after so many pixels.

    The window is made as tall as the picture, so that what docks at its foot does not stand amid the page.
    """
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    window = page.viewport_size
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": window["width"], "height": min(tall, longest or tall)})
    page.wait_for_load_state("networkidle")
    keep(page.screenshot(), name)
    page.set_viewport_size(window)


def begin_work(page: Page) -> str:
    """As a manager: revise a rule, propose to retire another and to adjust points. Returns the draft's address."""
    page.goto("/admin/rules/7")
    page.get_by_role("button", name="Propose to retire it").click()
    page.goto("/admin/members/3/care")
    page.get_by_label("Points", exact=True).fill("2500")
    page.get_by_label("Reason").first.fill("Compensation for the outage of 20 November")
    page.get_by_role("button", name="Adjust").click()
    page.goto("/admin/rules/2")
    page.get_by_role("button", name="Revise").click()
    page.locator("#rule input[value='180']").first.fill("240")
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_load_state("networkidle")
    return page.url


def take_desk(browser: Browser, base: str) -> None:
    page = open_page(browser, base, DESK, "light")
    sign_in_at_desk(page, "manager")
    draft = begin_work(page)
    page.context.close()
    for look, language, theme, width in LOOKS:
        page = open_page(browser, base, width, theme)
        sign_in_at_desk(page, "owner")
        speak(page, language, theme)
        for name, address in DESK_PAGES:
            page.goto(draft if address == "draft" else address)
            take(page, f"desk-{name}-{look}", LONGEST[width])
        speak(page, "en", "auto")
        page.context.close()


SETUP_ANSWERS = {
    "name": "Inês Marques",
    "email": "ines.marques@meridian.example",
    "password": "four unrelated words here",
    "brand_name": "Meridian Markets",
    "programme_name": "Meridian Rewards",
    "support_email": "rewards@meridian.example",
    "time_zone": "Asia/Dubai",
    "currency": "USD",
    "point_cost": "0.01",
}
COMPANY = {"name": "Meridian Markets Europe Ltd", "country": "CY", "pack": "eu_retail", "loss": "74.2"}


def give(boxes: Locator, text: str) -> None:
    """Type the text, or choose it from the list, if the step has such a field."""
    if boxes.count():
        chosen = boxes.first.evaluate("box => box.tagName") == "SELECT"
        boxes.first.select_option(text) if chosen else boxes.first.fill(text)


def answer(page: Page) -> None:
    """Fill what the step asks, and go on."""
    for field, text in SETUP_ANSWERS.items():
        give(page.locator(f"main [name={field}]"), text)
    for field, text in COMPANY.items():
        give(page.locator(f"main .entity [name$={field}]"), text)
    step = page.locator("#setup input[name=step]").input_value()
    page.locator(".setup-foot button[value=next]").click()
    page.locator(f"#setup input[name=step]:not([value={step}])").wait_for(state="attached")


def take_setup(browser: Browser, link: str) -> None:
    """The step that chooses a template: the fifth."""
    for look, language, theme, width in LOOKS:
        page = open_page(browser, link, width, theme)
        page.goto(link)
        if language != "en":
            page.locator(f"button[name=speak][value={language}]").click()
            page.locator(f"button[value={language}][aria-current]").wait_for()
        for _ in range(4):
            answer(page)
        page.locator("input[name=template]").first.wait_for()
        take(page, f"setup-{look}", LONGEST[width])
        page.context.close()


def take_public(browser: Browser, base: str) -> None:
    for name, address, locale, scheme, width in PUBLIC:
        page = open_page(browser, base, width, scheme, locale)
        page.goto(address)
        take(page, name)
        page.context.close()


def take_members(browser: Browser, base: str) -> None:
    for name, role, address, scheme, width in MEMBERS:
        page = open_page(browser, base, width, scheme)
        sign_in(page, role)
        page.goto(address)
        take(page, name)
        page.context.close()


def take_tried(browser: Browser, base: str) -> None:
    """What the example would have earned, and the picture that a visitor keeps of a statement of their own."""
    for look, language, theme, width in LOOKS:
        page = open_page(browser, base, width, theme, "zh-CN" if language == "zh" else language)
        try_file(page, example=True)
        take(page, f"try-{look}", LONGEST[width])
        try_file(page, example=False)
        picture = page.locator("#try-result img").first
        # Stored as it is drawn: fewer colours would show as steps.
        (FOLDER / f"shared-{language}.png").write_bytes(page.request.get(picture.get_attribute("src") or "").body())
        page.context.close()


def try_file(page: Page, *, example: bool) -> None:
    """Send in the example, or as a file a statement with deals of some months."""
    page.goto("/try")
    page.locator("main select[name=country]").select_option("AE")
    if not example:
        page.locator("main input[type=file]").set_input_files(
            {"name": "history.csv", "mimeType": "text/csv", "buffer": statement()}
        )
    page.locator("main form[enctype] button[type=submit]").nth(1 if example else 0).click()
    page.locator("#try-result .brought").wait_for()
    page.evaluate("scrollTo(0, 0)")


def statement() -> bytes:
    """A trade on each of 240 days, as MetaTrader 5 lists deals."""
    lines = ["Time,Deal,Symbol,Type,Direction,Volume,Price,Commission,Fee,Swap,Profit,Position ID"]
    for number in range(240):
        day = datetime(2026, 1, 5) + timedelta(days=number)
        lots = f"0.{10 + number * 7 % 23 + number // 30 * 5 % 7 * 8}"
        symbol, price = (("EURUSD", "1.08"), ("XAUUSD", "2390."))[number % 2]
        for hour, kind, way, end in ((9, "buy", "in", "10"), (10 + number % 5, "sell", "out", "52")):
            at, deal = day.replace(hour=hour), 2 * number + (way == "out")
            lines.append(f"{at:%Y.%m.%d %H:%M:%S},{deal},{symbol},{kind},{way},{lots},{price}{end},0,0,0,0,{number}")
    return "\n".join(lines).encode()


def take_of_cast(browser: Browser, base: str, pages: list[tuple[str, str, tuple[str, str, str]]]) -> None:
    """Whoever plays the part, the page speaks the language of the look."""
    for at, (look, language, theme, width) in enumerate(LOOKS):
        for name, address, roles in pages:
            page = open_page(browser, base, width, theme)
            sign_in(page, roles[at])
            spoken = speak_as_member(page, language)
            page.goto(address)
            take(page, f"{name}-{look}", LONGEST[width])
            speak_as_member(page, spoken)
            page.context.close()


def take_brought(browser: Browser, base: str) -> None:
    """What members have brought of their own."""
    take_of_cast(browser, base, BROUGHT)


def take_play(browser: Browser, base: str) -> None:
    """Members first, then the desk, where a challenge is being revised."""
    take_of_cast(browser, base, PLAY)
    for look, language, theme, width in LOOKS:
        page = open_page(browser, base, width, theme)
        sign_in(page, "new")
        speak_as_member(page, language)
        take_answers(page, f"lesson-answered-{look}")
        speak_as_member(page, "en")
        page.context.close()
    shared = share_badge(browser, base)
    for look, language, theme, width in LOOKS:
        page = open_page(browser, base, width, theme, "zh-CN" if language == "zh" else language)
        page.goto(shared)
        take(page, f"badge-shared-{look}")
        page.context.close()
    take_play_at_desk(browser, base)


def take_answers(page: Page, name: str) -> None:
    """A lesson's questions, each answered by what stands first, as they are judged."""
    page.goto("/lessons/leverage")
    for question in page.locator("#questions fieldset").all():
        question.locator("label").first.click()
    page.locator("#questions form [type=submit]").first.click()
    page.locator("#questions .judged").wait_for()
    page.wait_for_load_state("networkidle")
    # High enough for what is docked at the bottom of a phone to stand clear of it.
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 1400})
    keep(page.locator("#questions").screenshot(), name)


def share_badge(browser: Browser, base: str) -> str:
    """As a member: make a page of a badge. Returns its address."""
    page = open_page(browser, base, DESK, "light")
    sign_in(page, "middle")
    page.goto("/badges/stop_keeper")
    page.locator(".badge-detail form[action$='/sharing'] button").first.click()
    address = page.locator(".share-link input").input_value()
    page.context.close()
    return address


def take_play_at_desk(browser: Browser, base: str) -> None:
    page = open_page(browser, base, DESK, "light")
    sign_in_at_desk(page, "manager")
    page.goto("/admin/challenges/2")
    page.get_by_role("button", name="Revise").click()
    page.wait_for_url("**/drafts/**")
    draft = page.url
    page.context.close()
    for look, language, theme, width in LOOKS:
        page = open_page(browser, base, width, theme)
        sign_in_at_desk(page, "owner")
        speak(page, language, theme)
        for name, address in DESK_PLAY:
            page.goto(draft if address == "draft" else address)
            take(page, f"desk-{name}-{look}", LONGEST[width])
        speak(page, "en", "auto")
        page.context.close()


def speak_as_member(page: Page, language: str) -> str:
    """Choose the language in the profile; returns the one before."""
    page.goto("/profile")
    settings = page.locator("form:has(input[name=language])")
    before = settings.locator("input[name=language]:checked").input_value()
    if before != language:
        settings.locator(f"label:has(input[name=language][value={language}])").click()
        settings.locator("button[type=submit]").click()
        page.locator(f"html[lang^={language}]").wait_for()
    return before


def take_opened(browser: Browser, base: str) -> None:
    for name, role, scheme, width in OPENED:
        page = open_page(browser, base, width, scheme)
        sign_in(page, role)
        page.goto("/points?tab=earned&kind=trade.closed")
        page.locator("details.line summary").first.click()
        page.locator("details.line[open] .explanation .equation").first.wait_for()
        keep(page.locator("details.line[open]").first.screenshot(), name)
        page.context.close()


PARTS = {
    "public": take_public,
    "tried": take_tried,
    "members": take_members,
    "brought": take_brought,
    "opened": take_opened,
    "play": take_play,
    "desk": take_desk,
}


def main(address: str, *parts: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        if "/setup?" in address:
            take_setup(browser, address)
        else:
            for part in parts or PARTS:
                PARTS[part](browser, address)
        browser.close()


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["http://127.0.0.1:8000"]))

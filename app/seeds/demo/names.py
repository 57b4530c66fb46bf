"""Believable names of many countries, written as their bearers write them; the Latin form makes the address."""

import random
import unicodedata
from typing import NamedTuple


class Name(NamedTuple):
    """`written` may be in any script, `latin` is what a passport says."""

    written: str
    latin: str


# By culture: given names, then family names; a form in the bearer's script follows after a bar.
_NAMES = {
    "arabic": (
        "Omar|عمر Khalid|خالد Yousef|يوسف Ahmad|أحمد Tariq|طارق Faisal|فيصل Hassan|حسن Karim|كريم Sami|سامي "
        "Nasser|ناصر Layla|ليلى Mariam|مريم Noura|نورة Huda|هدى Rania|رانيا Salma|سلمى Dana|دانة Reem|ريم Zaid|زيد",
        "Mansouri|المنصوري Haddad|حداد Khatib|الخطيب Najjar|النجار Shehri|الشهري Otaibi|العتيبي Sabah|الصباح "
        "Zoubi|الزعبي Masri|المصري Tamimi|التميمي Qasimi|القاسمي Rashed|الراشد Saleh|صالح Darwish|درويش "
        "Bennani|بناني Harbi|الحربي Amiri|العامري Sayegh|الصايغ",
    ),
    "chinese": (
        "Siyuan|思远 Jiayi|嘉怡 Haoran|浩然 Yuxin|雨欣 Zihan|子涵 Mingze|明泽 Xinyi|欣怡 Junjie|俊杰 Wenbo|文博 Meiling|美玲 "
        "Zhiwei|志伟 Lihua|丽华 Tianyu|天宇 Ruoxi|若溪 Jianguo|建国 Peishan|佩珊 Kaiming|凯明 Shuhan|书涵",
        "Chen|陈 Lin|林 Wang|王 Li|李 Zhang|张 Liu|刘 Huang|黄 Zhao|赵 Wu|吴 Zhou|周 Xu|徐 Sun|孙 Zhu|朱 Gao|高 Luo|罗 Zheng|郑 "
        "Liang|梁 Song|宋",
    ),
    "greek": (
        "Eleni|Ελένη Giorgos|Γιώργος Maria|Μαρία Nikos|Νίκος Andreas|Ανδρέας Sofia|Σοφία Kostas|Κώστας Katerina|Κατερίνα "
        "Christos|Χρήστος Despina|Δέσποινα",
        "Ioannou|Ιωάννου Christodoulou|Χριστοδούλου Dimou|Δήμου Charalambous|Χαραλάμπους Stavrou|Σταύρου "
        "Nikolaou|Νικολάου Antoniou|Αντωνίου Savvidou|Σαββίδου",
    ),
    "ukrainian": (
        "Olena|Олена Andriy|Андрій Iryna|Ірина Dmytro|Дмитро Kateryna|Катерина Taras|Тарас",
        "Shevchenko|Шевченко Kovalenko|Коваленко Bondarenko|Бондаренко Tkachenko|Ткаченко Marchenko|Марченко",
    ),
    "bulgarian": (
        "Ivan|Иван Georgi|Георги Nikolay|Николай Stoyan|Стоян Plamen|Пламен",
        "Petrov|Петров Dimitrov|Димитров Todorov|Тодоров Iliev|Илиев Kolev|Колев",
    ),
    "polish": (
        "Katarzyna Piotr Agnieszka Tomasz Małgorzata Paweł Zofia Łukasz Ewa Michał",
        "Kowalczyk Nowak Wójcik Król Pawlak Mazur Duda Sikora Wróbel Stępień",
    ),
    "german": (
        "Lukas Hannah Jürgen Sabine Felix Anneliese Matthias Friederike Stefan Jana",
        "Müller Schröder Weiß Bauer Krüger Hoffmann Vogt Lehmann Brandstätter Köhler",
    ),
    "french": (
        "Chloé Julien Amélie Théo Céline Mathieu Élodie Antoine Manon François",
        "Lefèvre Moreau Girard Dubois Fournier Bonnet Lambert Rousseau Chevalier Garnier",
    ),
    "spanish": (
        "Sofía Mateo Lucía Santiago Camila Joaquín Inés Tomás Valentina Andrés Ximena Emilio",
        "García Hernández Muñoz Rojas Fernández Ibáñez Castañeda Herrera Núñez Vargas Peña Salazar",
    ),
    "italian": (
        "Giulia Marco Chiara Alessandro Francesca Matteo Elisa Davide",
        "Rossi Bianchi Esposito Ricci Conti Gallo Ferrara Colombo Marino",
    ),
    "portuguese": (
        "João Beatriz Tiago Mariana Rafael Inês Gonçalo Letícia Caio Luísa",
        "Silva Santos Conceição Pereira Almeida Guimarães Araújo Magalhães Teixeira Nogueira",
    ),
    "nordic": (
        "Henrik Astrid Søren Ingrid Lars Freja Björn Sanna Mikko Solveig",
        "Lindqvist Sørensen Håkansson Nyström Bjørnsen Virtanen Dahl Åkesson Lund Kjær",
    ),
    "czech": ("Jiří Ondřej Tomáš Vojtěch Lukáš", "Novák Svoboda Dvořák Kučera Růžička"),
    "hungarian": ("Zoltán Eszter Gábor Réka Bence", "Nagy Szabó Horváth Kovács Tóth"),
    "romanian": ("Andrei Ioana Radu Elena Ștefan", "Popescu Ionescu Mureșan Dumitru Stănescu"),
    "english": (
        "Oliver Charlotte George Isla Thomas Matilda Jack Harriet Callum Ruby Nathan Eve",
        "Whitmore Bennett Hughes Fraser Clarke Sutherland Doyle Marsh Lawson Pritchard Cooper O’Brien",
    ),
    "nigerian": ("Chidi Amara Tunde Ngozi Adaeze Emeka Folake", "Okafor Adeyemi Eze Balogun Nwosu Bello"),
    "kenyan": ("Wanjiru Achieng Brian Faith Kevin Mercy", "Kamau Otieno Mwangi Kiprono Njoroge Wafula"),
    "southafrican": ("Sipho Zanele Thabo Lerato Pieter Anika", "Nkosi Dlamini Mokoena Ndlovu Botha Naidoo"),
    "indian": ("Arjun Priya Rohan Ananya Vikram Kavya Sanjay Meera", "Sharma Iyer Patel Reddy Nair Gupta Menon Desai"),
    "pakistani": ("Imran Ayesha Farhan Nadia Bilal Sana", "Khan Ahmed Malik Rahman Qureshi Chaudhry"),
    "malay": ("Aisyah Hafiz Farah Iskandar Nurul Faizal", "Abdullah Ismail Rahman Yusof Zainal"),
    "indonesian": ("Budi Dewi Putri Agus Rizal Ayu", "Santoso Wijaya Kusuma Lestari Pratama Hidayat"),
    "vietnamese": (
        "Minh Linh Tuấn Hương Đức Thảo Quang Ngọc Phúc Trang",
        "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Hồ",
    ),
    "turkish": (
        "Emre Elif Mehmet Zeynep Burak Ayşe Çağlar Defne Oğuz İpek",
        "Yılmaz Demir Şahin Çelik Öztürk Aydın Koç Güneş Kılıç Arslan",
    ),
    "filipino": (
        "Jose Maria Angelo Carmela Paolo Bianca Miguel Liza Ramon Althea",
        "Reyes Santos Cruz Bautista Villanueva Mendoza Aquino Navarro Dizon Salonga",
    ),
}
_ALIASES = {
    "latin": (
        "Quiet North Amber Slow Green Silver Paper Early Blue Patient Steady Harbour Copper Olive Little Plain",
        "Pip Otter Heron Kite Ledger Candle Falcon Maple Anchor Fox Lantern Comet Willow Compass Badger Swift",
    ),
    "arabic": ("صقر نجم بحر فارس ظل نخيل ريح قمر", "الصحراء الشمال الخليج الفجر الجبل المساء الوادي البادية"),
    "chinese": ("静 青 小 云 晨 山 海 竹", "水观鱼 石有光 船不急 间听雨 风徐来 路慢行 灯一盏 叶知秋"),
}
# Letters that a decomposition leaves as they are.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "ı": "i", "æ": "ae", "’": "", "'": "", " ": ""})


def draw_name(chance: random.Random, culture: str, own_script: float) -> Name:
    """A name of that culture; in its own script with that probability, where it has one."""
    given, family = (chance.choice(words.split(" ")).partition("|") for words in _NAMES[culture])
    latin = f"{given[0]} {family[0]}"
    if not given[2] or chance.random() >= own_script:
        return Name(latin, latin)
    return Name(f"{family[2]}{given[2]}" if culture == "chinese" else f"{given[2]} {family[2]}", latin)


def address(latin: str, number: int) -> str:
    """The mail address of a name; the number keeps namesakes apart."""
    words = [plain_letters(word) for word in latin.lower().split(" ")]
    return f"{words[0]}.{words[-1]}{number}@example.com"


def plain_letters(word: str) -> str:
    """A word in the letters of an address."""
    decomposed = unicodedata.normalize("NFKD", word.translate(_PLAIN))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalnum())


def draw_alias(chance: random.Random, script: str) -> str:
    """What somebody is called on boards: two words of their script, sometimes with a number."""
    first, last = (chance.choice(words.split(" ")) for words in _ALIASES[script])
    joined = {"latin": f"{first}{last}", "arabic": f"{first} {last}", "chinese": f"{first}{last}"}[script]
    return f"{joined}{chance.randrange(2, 99)}" if chance.random() < 0.35 else joined

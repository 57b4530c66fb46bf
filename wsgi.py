"""The application as servers and `flask --app wsgi` find it."""

from app.factory import create_app
from app.lib import ending
from app.lib.memory import calm_collector

app = create_app()
calm_collector()
ending.listen()

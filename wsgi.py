"""The application as servers and `flask --app wsgi` find it."""

from app.factory import create_app

app = create_app()

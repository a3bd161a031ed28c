"""A django-helpdesk with invented tickets; run by the environment that ``make systems`` makes.

``python real_helpdesk_site.py FOLDER [WEBHOOK]`` prints its port, and serves until it is ended. The
users are ``agent`` and ``kpi``, whose passwords are those names and ``-password``.
"""

# ruff: noqa: E402 - Django is configured before its models are imported
from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server
from zoneinfo import ZoneInfo

import django
from django.conf import settings

FOLDER, *HOOKS = sys.argv[1:]
TOLD: list[str] = []  # none, while it is filled
ZONE = "Europe/Stockholm"
settings.configure(
    SECRET_KEY="invented",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    TIME_ZONE=ZONE,
    USE_TZ=True,
    STATIC_URL="/static/",
    MEDIA_ROOT=FOLDER,
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(FOLDER) / "desk.db"}
    },
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "django.contrib.messages",
        "django.contrib.humanize",
        "rest_framework",
        "helpdesk",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    SITE_ID=1,
    HELPDESK_ACTIVATE_API_ENDPOINT=True,
    HELPDESK_ENABLE_PER_QUEUE_STAFF_PERMISSION=False,
    HELPDESK_TEAMS_MODE_ENABLED=False,
    HELPDESK_GET_FOLLOWUP_WEBHOOK_URLS=lambda: TOLD,
)
django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from helpdesk.models import FollowUp, Queue, Ticket
from helpdesk.update_ticket import update_ticket

urlpatterns = [path("", include("helpdesk.urls"))]

OPENED, REOPENED, RESOLVED = 1, 2, 3
CRITICAL, NORMAL = 1, 3
WRITTEN = "marked text"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZoneInfo(ZONE))


class Desk:
    """Acts as people do, and dates what they did."""

    def __init__(self) -> None:
        self.queue = Queue.objects.create(title="Servicedesk", slug="sd")
        users = get_user_model().objects
        self.agent, self.other, self.kpi = (
            users.create_user(name, f"{name}@lab.test", f"{name}-password", is_staff=True)
            for name in ("agent", "other", "kpi")
        )

    def open(self, when: str, priority: int = CRITICAL, by: object = None) -> Ticket:
        ticket = Ticket.objects.create(
            queue=self.queue,
            title="marked subject",
            description=WRITTEN,
            submitter_email="customer@lab.test",
            priority=priority,
            created=at(when),
        )
        FollowUp.objects.create(
            ticket=ticket, title="Ticket Opened", comment=WRITTEN, public=True, user=by,
            date=at(when),
        )  # fmt: skip
        return ticket

    def act(
        self, ticket: Ticket, when: str, text: str = "", *, public: bool = False,
        status: int | None = None,
    ) -> None:  # fmt: skip
        ticket.refresh_from_db()
        done = update_ticket(self.agent, ticket, comment=text, public=public, new_status=status)
        FollowUp.objects.filter(pk=done.pk).update(date=at(when))


def fill() -> None:
    """The tickets of ``test_django_helpdesk_integration``, where their figures are counted."""
    desk = Desk()
    answered = desk.open("02 09:00")
    desk.act(answered, "02 09:20", WRITTEN, public=True)
    desk.act(answered, "02 10:00", status=RESOLVED)
    noted = desk.open("02 09:00")
    desk.act(noted, "02 09:10", WRITTEN)
    desk.act(noted, "02 10:00", WRITTEN, public=True)
    desk.act(noted, "03 09:30", status=RESOLVED)
    weekend = desk.open("06 16:50")
    desk.act(weekend, "09 08:15", WRITTEN, public=True)
    desk.act(weekend, "09 08:30", status=RESOLVED)
    desk.open("02 12:00")
    reopened = desk.open("02 10:00", NORMAL)
    desk.act(reopened, "02 11:00", WRITTEN, public=True, status=RESOLVED)
    desk.act(reopened, "02 15:00", status=REOPENED)
    desk.act(reopened, "03 09:00", status=RESOLVED)
    desk.open("02 09:05")  # merged into the first by the test
    desk.open("02 13:30")  # deleted by the test
    phone = desk.open("02 13:00", by=desk.agent)
    desk.act(phone, "02 13:05", status=RESOLVED)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


call_command("migrate", verbosity=0)
fill()
TOLD += HOOKS
with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
    print(server.server_port, flush=True)
    server.serve_forever()

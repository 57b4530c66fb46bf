"""Figures for staff: what each round adds up to, folded into one row a day and figure."""

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Tally(Model):
    """What one transaction added to the figures: inserted with it, so that no hot row is shared; folded and deleted."""

    __tablename__ = "tally"
    id: Mapped[int] = mapped_column(primary_key=True)
    figures: Mapped[str]  # compact JSON, see gamification/insight/tally.py


class DayFigure(Model):
    """One figure of one day in the programme's zone, by subject where there is one (a rule, a reason), else 0."""

    __tablename__ = "day_figure"
    __table_args__ = (Index("ix_day_figure_day", "day", "figure"), {"sqlite_with_rowid": False})
    figure: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class ActiveDay(Model):
    """A day on which a member did something, so that members active in a window can be counted once each."""

    __tablename__ = "active_day"
    __table_args__ = ({"sqlite_with_rowid": False},)
    day: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)

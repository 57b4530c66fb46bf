"""Figures for staff: what each transaction adds up to, folded into one row a day and figure."""

from sqlalchemy import BigInteger, ForeignKey, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Tally(Model):
    """What one transaction added to the figures: inserted with it, so that no hot row is shared; folded and deleted."""

    __tablename__ = "tally"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    figures: Mapped[str]  # compact JSON, see gamification/insight/tally.py


class DayFigure(Model):
    """One figure of one day in the programme's zone, by subject where there is one (a revision, a reason), else 0."""

    __tablename__ = "day_figure"
    __table_args__ = ({"sqlite_with_rowid": False},)
    figure: Mapped[int] = mapped_column(SmallInteger, primary_key=True)  # see gamification/insight/figures.py
    day: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class ActiveDay(Model):
    """A day on which a member did something; by member, so that the days before and after one are found at once."""

    __tablename__ = "active_day"
    __table_args__ = ({"sqlite_with_rowid": False},)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)

"""Something to look at on the pages of satisfaction and footfall, all of it Süd's."""

from datetime import date, datetime
from types import SimpleNamespace

from core.periods import berlin_date, first_of_quarter
from targets import actions
from targets.models import Response
from tests.cast import Cast


def make_quality(cast: Cast, now: datetime) -> SimpleNamespace:
    """`answer`, its `delivery`, another answer `asked` to be taken out, all of the quarter before, released."""
    day = date.fromordinal(first_of_quarter(berlin_date(now)).toordinal() - 20)
    rows = [f"QA-{n},{day},partner,D-SUED,private,8,7,{(9, 10, 7, 3)[n % 4]},Beratung" for n in range(40)]
    rows += [f"QB-{n},{day},hotline,,business,8,7,{(1, 2, 9)[n % 3]}," for n in range(40)]
    rows += [f"QC-1,{day},kiosk,,private,8,7,9,", f"QC-2,{day},partner,D-SUED,private,8,7,11,"]
    header = "response_id,answered_on,touchpoint,dealer_code,customer_class,score_operator,score_product"
    data = "\n".join([f"{header},score_touchpoint,comment", *rows]).encode()
    delivery = actions.receive_responses(data, source="upload", by=cast.carla, now=now, filename="answers.csv")
    actions.release_quarter(day, on=day, by=cast.carla, now=now)
    answer, second = Response.objects.get(response_id="QA-1"), Response.objects.get(response_id="QA-3")
    asked = actions.request_reassignment(second, by=cast.carla, reason="the form was mixed up", exclude=True, now=now)
    outlet = cast.sued.outlets.get()
    actions.record_footfall(outlet, {day: 120}, by=cast.sina, now=now)
    task = actions.plan_task(
        cast.sued, quarter=day, what="A second counter on Saturdays", who="Sven", driver="waiting",
        due_on=date.fromordinal(berlin_date(now).toordinal() + 30), by=cast.sina, now=now,
    )  # fmt: skip
    actions.record_survey(cast.sued, first_of_quarter(day), 20, 8, 4, by=cast.carla, reason="counted by hand", now=now)
    return SimpleNamespace(task=task, answer=answer, delivery=delivery, asked=asked, outlet=outlet, quarter=day)

"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import path

from commissions.views.office import (
    ahead,
    board,
    by_hand,
    comparing,
    editor,
    findings,
    lines,
    reserve,
    run,
    schedules,
    simulated_changes,
    simulations,
    why,
)
from commissions.views.office import case as office_case
from commissions.views.office import statements as office_statements
from commissions.views.partner import case, orders, statement, statements
from commissions.views.partner import lines as partner_lines
from commissions.views.partner import reserve as partner_reserve
from commissions.views.partner import schedules as documents

app_name = "commissions"

office = [
    path("office/runs/", board.board, name="runs"),
    path("office/runs/create/", board.create, name="create_run"),
    path("office/runs/<int:pk>/", run.run, name="run"),
    path("office/runs/<int:pk>/progress/", board.progress, name="run_progress"),
    path("office/runs/<int:pk>/calculate/", board.calculate, name="calculate_run"),
    path("office/runs/<int:pk>/approve/", board.approve, name="approve_run"),
    path("office/runs/<int:pk>/post/", board.post, name="post_run"),
    path("office/runs/<int:pk>/discard/", board.discard, name="discard_run"),
    path("office/runs/<int:pk>/partners/", run.partners, name="run_partners"),
    path("office/runs/<int:pk>/findings/<int:finding>/", findings.finding, name="finding"),
    path("office/runs/<int:pk>/findings/<int:finding>/waive/", findings.waive, name="waive_finding"),
    path("office/runs/<int:pk>/statements/", ahead.statements, name="run_statements"),
    path("office/runs/<int:pk>/lines/", lines.RunLines.as_view(), name="run_lines"),
    path("office/runs/<int:pk>/lines/<int:line>/", why.draft_line, name="draft_line"),
    path("office/runs/holds/", by_hand.holds, name="holds"),
    path("office/runs/holds/new/", by_hand.place_hold, name="place_hold"),
    path("office/runs/holds/<int:pk>/release/", by_hand.release_hold, name="release_hold"),
    path("office/runs/manual/", by_hand.ManualLines.as_view(), name="manual_lines"),
    path("office/runs/manual/new/", by_hand.propose_manual_line, name="propose_manual_line"),
    path("office/runs/manual/<int:pk>/", by_hand.manual_line, name="manual_line"),
    path("office/runs/manual/<int:pk>/decide/", by_hand.decide_manual_line, name="decide_manual_line"),
    path("office/schedules/", schedules.schedules, name="schedules"),
    path("office/schedules/new/", schedules.draft, name="new_draft"),
    path("office/schedules/<int:pk>/", schedules.version, name="version"),
    path("office/schedules/<int:pk>/edit/", schedules.draft, name="edit_draft"),
    path("office/schedules/<int:pk>/compare/", comparing.compare_versions, name="compare_versions"),
    path("office/schedules/<int:pk>/simulate/", simulations.start, name="simulate"),
    path("office/schedules/simulations/<int:pk>/", simulations.simulation, name="simulation"),
    path("office/schedules/simulations/<int:pk>/progress/", simulations.progress, name="simulation_progress"),
    path("office/schedules/simulations/<int:pk>/examples/", simulations.examples, name="simulation_examples"),
    path("office/schedules/simulations/<int:pk>/repeat/", simulations.repeat, name="repeat_simulation"),
    path("office/schedules/simulations/<int:pk>/discard/", simulations.discard, name="discard_simulation"),
    path(
        "office/schedules/simulations/<int:pk>/partners/",
        simulated_changes.SimulationPartners.as_view(),
        name="simulation_partners",
    ),
    path(
        "office/schedules/simulations/<int:pk>/orders/",
        simulated_changes.SimulationOrders.as_view(),
        name="simulation_orders",
    ),
    path("office/schedules/<int:pk>/copy/", editor.copy_version, name="copy_version"),
    path("office/schedules/new/<str:kind>/", editor.new_schedule, name="new_form"),
    path("office/schedules/<int:pk>/form/", editor.editor, name="edit_form"),
    path("office/schedules/<int:pk>/form/add/<str:kind>/", editor.add_component, name="add_component"),
    path("office/schedules/<int:pk>/form/component/<str:code>/", editor.edit_component, name="edit_component"),
    path("office/schedules/<int:pk>/form/component/<str:code>/arrange/", editor.arrange, name="arrange_component"),
    path("office/schedules/<int:pk>/publish/", schedules.publish, name="publish_version"),
    path("office/schedules/<int:pk>/download/", schedules.download, name="download_version"),
    path("office/schedules/<int:pk>/examples/new/", schedules.add_example, name="add_example"),
    path("office/schedules/examples/<int:pk>/remove/", schedules.remove_example, name="remove_example"),
    path("office/statements/", office_statements.Statements.as_view(), name="office_statements"),
    path("office/statements/reserve/", reserve.Reserve.as_view(), name="office_reserve"),
    path("office/statements/<str:number>/", lines.StatementLines.as_view(), name="office_statement"),
    path("office/lines/<int:pk>/", why.line, name="office_line"),
    path("office/orders/<path:order_no>/", office_case.case, name="office_case"),
]
partner = [
    path("statements/", statements.Statements.as_view(), name="statements"),
    path("statements/reserve/", partner_reserve.Reserve.as_view(), name="reserve"),
    path("statements/<str:number>/", statement.statement, name="statement"),
    path("statements/<str:number>/lines/", partner_lines.Lines.as_view(), name="statement_lines"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<path:order_no>/", case.case, name="case"),
    path("company/schedules/<str:code>/", documents.schedule_document, name="schedule_document"),
    path("company/documents/<int:pk>/", documents.download, name="schedule_download"),
]
urlpatterns = [*partner, *office]

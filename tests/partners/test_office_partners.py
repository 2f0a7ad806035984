"""Finding partners in the office, and who looks after how many."""

from tests.cast import make_partner


def numbers(response):
    return [partner.number for partner in response.context_data["table"].data]


def test_one_box_finds_number_name_town_and_dealer_code(cast, sign_in):
    browser = sign_in(cast.hanna)
    for text in ("P-SUED", "erdacht", "Süderende", "D-SUED"):
        assert numbers(browser.get("/office/partners/", {"q": text})) == ["P-SUED"]


def test_a_manager_finds_his_own_partners_only(cast, sign_in):
    assert numbers(sign_in(cast.petra).get("/office/partners/")) == ["P-NORD", "P-SUED"]


def test_the_tabs_count_partners_by_state(cast, sign_in):
    make_partner("P-NEW", "Neu Erfunden GmbH", status="prospect")
    tabs = sign_in(cast.hanna).get("/office/partners/").context_data["tabs"]
    assert {str(tab["label"]): tab["count"] for tab in tabs}.items() >= {"All": 4, "prospect": 1, "active": 3}.items()


def test_the_load_page_names_managers_and_partners_without_one(cast, sign_in):
    make_partner("P-ALONE", "Allein Erfunden GmbH")
    page = sign_in(cast.hanna).get("/office/partners/load/").text
    assert "Petra Probe" in page
    assert sign_in(cast.petra).get("/office/partners/load/").status_code == 403


def test_the_list_asks_as_many_queries_for_many_as_for_few(
    cast, sign_in, django_assert_num_queries, django_assert_max_num_queries
):
    browser = sign_in(cast.hanna)
    browser.get("/office/partners/")
    with django_assert_max_num_queries(10) as asked:
        browser.get("/office/partners/")
    few = len(asked)
    for number in range(20):
        make_partner(f"P-{number}", f"Partner {number}", manager=cast.paul)
    with django_assert_num_queries(few):
        browser.get("/office/partners/")

"""Finding partners in the office, and who looks after how many."""

from datetime import date

from partners.models import Contract, Outlet, Partner
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


def test_the_load_comes_as_a_file(cast, sign_in):
    browser = sign_in(cast.hanna)
    assert 'href="?export=csv"' in browser.get("/office/partners/load/").text
    answer = browser.get("/office/partners/load/?export=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "Partner manager,E-mail,Partners,as deputy,Overloaded"
    assert any(line.startswith(f"Petra Probe,{cast.petra.email},2,") for line in lines)
    assert sign_in(cast.petra).get("/office/partners/load/?export=csv").status_code == 403


def test_the_list_asks_as_many_queries_for_many_as_for_few(
    cast, sign_in, django_assert_num_queries, django_assert_max_num_queries
):
    browser = sign_in(cast.hanna)
    browser.get("/office/partners/")
    with django_assert_max_num_queries(14) as asked:  # session, person, counts of the navigation, the list
        browser.get("/office/partners/")
    few = len(asked)
    for number in range(20):
        make_partner(f"P-{number}", f"Partner {number}", manager=cast.paul)
    with django_assert_num_queries(few):
        browser.get("/office/partners/")


def test_a_shop_is_found_by_its_town_its_trade_name_and_its_owner(cast, sign_in):
    shop = make_partner("P-7", "Fernsprech Erfunden e. K.", city="Kleve", contact_name="Mara Muster")
    Outlet.objects.create(partner=shop, name="Klingelkiste", city="Wachtendonk", postcode="47669")
    for text in ("Wachtendonk", "Klingelkiste", "Mara Muster"):
        assert numbers(sign_in(cast.hanna).get("/office/partners/", {"q": text})) == ["P-7"]


def test_a_thousand_partners_are_filtered_by_region_with_few_queries(cast, sign_in, django_assert_max_num_queries):
    Partner.objects.bulk_create(
        Partner(number=f"B-{i}", legal_name=f"Bulk {i}", sort_key=str(i), kind="agency", postcode=f"{i:03}00")
        for i in range(1000)
    )
    Outlet.objects.create(partner=cast.rival, name="Zweigstelle", postcode="47669")
    browser = sign_in(cast.hanna)
    with django_assert_max_num_queries(16):
        page = browser.get("/office/partners/", {"area": "47", "status": "active"})
    assert set(numbers(page)) == {"P-RIVAL"} | {f"B-{i}" for i in range(470, 480)}


def test_the_list_shows_who_had_a_contract_on_an_old_day(cast, sign_in):
    Contract.objects.filter(partner=cast.rival).update(valid_from=date(2003, 4, 3))
    Contract.objects.filter(partner=cast.sued).update(valid_from=date(2003, 4, 3), valid_until=date(2003, 7, 1))
    make_partner("P-DRAFT", "Entwurf Erfunden GmbH", contract=False)
    browser = sign_in(cast.hanna)
    assert numbers(browser.get("/office/partners/", {"on": "2003-04-02"})) == []
    assert numbers(browser.get("/office/partners/", {"on": "2003-04-03"})) == ["P-RIVAL", "P-SUED"]
    assert numbers(browser.get("/office/partners/", {"on": "2003-07-01"})) == ["P-RIVAL"]

"""The loader of the per-model power dataset against a real HTTP server on the loopback."""

import json
from datetime import timedelta

import pytest
from model_power_files import PAGE, daily_csv, daily_name, daily_rows, without
from model_power_loader import DAY, files, program, rows, snapshots
from model_power_server import (
    HANGS_AFTER_SECONDS,
    compressed,
    cut_chunks,
    dripping,
    dripping_gzip,
    dripping_headers,
    endless,
    in_turn,
    redirecting,
    running_server,
    sent,
    silent,
    truncated,
    two_gigabytes_in_two_megabytes,
    whole,
)

pytestmark = pytest.mark.usefixtures("no_settings")


@pytest.fixture
def server():
    with running_server() as one:
        yield one


def test_it_walks_back_to_the_newest_file_with_medium_rows_and_says_how_old_the_figures_are(load, out, server):
    newest = DAY - timedelta(20)
    for back in range(5, 12):
        server.serve(DAY - timedelta(back), lengths=["Long"])
    for back in range(20, 60):
        server.serve(DAY - timedelta(back), wobble=0 if back <= 40 else back / 100)
    code, text = load("--url-template", server.template)
    assert code == 0
    assert list(snapshots(out)) == [f"model_power_{newest}.parquet"]
    assert "7 newer files, 2026-02-02 to 2026-02-08, hold no medium rows" in text
    unchanged = DAY - timedelta(40)
    assert (
        f"OLD FIGURES: the figures are dated {newest}, 20 days before {DAY}; 6 of 6 repeat values of {unchanged}"
        in text
    )
    assert {row["values_unchanged_since"] for row in rows(out)} == {unchanged}
    assert {row["source"] for row in rows(out)} == {f"{server.url}/{daily_name(newest)}"}
    assert len(server.requests) < 40


def test_a_second_walk_asks_only_whether_something_changed(load, out, server):
    server.serve(DAY, lengths=["Long"])
    server.serve(DAY - timedelta(1))
    load("--url-template", server.template)
    before = files(out)
    server.requests.clear()
    code, text = load("--url-template", server.template)
    assert code == 0
    assert "nothing to do" in text
    assert server.asked(304) == [f"/{daily_name(DAY)}", f"/{daily_name(DAY - timedelta(1))}"]
    assert server.asked(200) == []
    assert files(out) == before


def test_a_lost_snapshot_is_fetched_whole_again(load, out, server):
    server.serve(DAY)
    load("--url-template", server.template)
    before = snapshots(out)
    (out / f"model_power_{DAY}.parquet").unlink()
    server.requests.clear()
    assert load("--url-template", server.template)[0] == 0
    assert snapshots(out) == before
    assert server.asked(304) == []


def test_a_new_edition_behind_the_same_address_is_noticed(load, out, server):
    server.serve(DAY)
    load("--url-template", server.template)
    before = snapshots(out)
    server.serve(DAY, wobble=0.1)
    code, text = load("--url-template", server.template)
    assert code == 1
    assert "--revision" in text
    assert snapshots(out) == before


def test_since_loads_one_file_a_week(load, out, server):
    for back in range(35):
        server.serve(DAY - timedelta(back), lengths=["Long"] if back in (27, 28) else ["Medium"], wobble=back / 100)
    for back in range(7, 14):
        del server.answers[f"/{daily_name(DAY - timedelta(back))}"]
    code, text = load("--url-template", server.template, "--since", DAY - timedelta(34))
    loaded = [str(row["measured_on"]) for row in rows(out, "select distinct measured_on from snapshots order by 1")]
    assert code == 0
    assert loaded == [str(DAY - timedelta(back)) for back in (34, 26, 20, 6)]
    assert "1 of 5 weeks hold no file with medium rows" in text
    assert "[5/5]" in text


def test_the_address_template_can_come_from_the_environment(load, out, server, monkeypatch):
    server.answers[f"/feed/{DAY:%Y/%m/%d}.csv"] = whole(daily_csv(daily_rows(DAY)))
    monkeypatch.setenv("AI_EMISSIONS_MODEL_POWER_URL", server.url + "/feed/{date:%Y/%m/%d}.csv")
    assert load()[0] == 0
    assert len(snapshots(out)) == 1


def test_a_walk_that_finds_nothing_says_so(load, out, server):
    code, text = load("--url-template", server.template, "--max-days-back", 9)
    assert code == 1
    assert f"no daily file with medium rows from {DAY - timedelta(9)} to {DAY}" in text
    assert len(server.requests) == 10
    assert server.connections == 1
    assert snapshots(out) == {}


def test_a_broken_newest_file_is_refused_and_not_passed_over(load, out, server):
    server.serve(DAY, text=without("PUE", DAY))
    server.serve(DAY - timedelta(1))
    code, text = load("--url-template", server.template)
    assert code == 1
    assert "missing required columns: PUE" in text
    assert f"--as-of {DAY - timedelta(1)} passes over it" in text
    assert snapshots(out) == {}


def test_a_server_error_is_tried_again_and_then_reported(load, out, server):
    broken = whole("down", status=500)
    good = whole(daily_csv(daily_rows(DAY)))
    server.answers["/a.csv"] = in_turn(broken, broken, good)
    assert load("--source", f"{server.url}/a.csv", "--attempts", 3)[0] == 0
    before = files(out)
    server.requests.clear()
    server.answers["/b.csv"] = broken
    code, text = load("--source", f"{server.url}/b.csv", "--attempts", 3)
    assert code == 1
    assert "answers 500" in text and "after 3 attempts" in text
    assert len(server.requests) == 3
    assert files(out) == before


def test_it_waits_as_long_as_the_server_asks_but_not_past_the_deadline(load, out, server):
    busy = whole("busy", status=429, Retry_After="1")
    server.answers["/a.csv"] = in_turn(busy, whole(daily_csv(daily_rows(DAY))))
    assert load("--source", f"{server.url}/a.csv")[0] == 0
    server.answers["/b.csv"] = whole("busy", status=503, Retry_After="86400")
    code, text = load("--source", f"{server.url}/b.csv")
    assert code == 1
    assert "answers 503" in text and "after 1 attempts" in text


def test_a_truncated_body_is_tried_again_and_never_loaded(load, out, server):
    text = daily_csv(daily_rows(DAY))
    server.answers["/a.csv"] = in_turn(truncated(text), whole(text))
    server.answers["/b.csv"] = truncated(text)
    server.answers["/c.csv"] = cut_chunks(text)
    for name in "bc":
        code, said = load("--source", f"{server.url}/{name}.csv")
        assert code == 1
        assert "after 3 attempts" in said
    assert snapshots(out) == {}
    assert load("--source", f"{server.url}/a.csv")[0] == 0


@pytest.mark.parametrize(
    ("status", "words"), [(404, "there is no such file"), (403, "answers 403"), (410, "no such file")]
)
def test_an_address_without_a_file_is_reported_at_once(load, out, server, status, words):
    server.answers["/a.csv"] = whole("no", status=status)
    code, text = load("--source", f"{server.url}/a.csv")
    assert code == 1
    assert words in text
    assert len(server.requests) == 1
    assert files(out) == {}


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain"])
def test_a_page_instead_of_the_file_is_reported(load, out, server, kind):
    server.answers["/a.csv"] = whole(PAGE, kind=kind)
    code, text = load("--source", f"{server.url}/a.csv")
    assert code == 1
    assert "HTML" in text
    assert files(out) == {}


@pytest.mark.parametrize("behaviour", [silent, dripping, dripping_headers, dripping_gzip])
def test_a_server_that_stalls_is_given_up_on(out, server, behaviour):
    server.answers["/a.csv"] = behaviour
    process = program("--source", f"{server.url}/a.csv", "--out", out, "--timeout", 1, "--deadline", 3)
    _, said = process.communicate(timeout=HANGS_AFTER_SECONDS / 2)
    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    assert files(out) == {}


@pytest.mark.parametrize("announced", [2 * 1024**3, None])
def test_two_gigabytes_of_garbage_are_not_read(out, server, announced):
    server.answers["/a.csv"] = endless(server, announced)
    process = program("--source", f"{server.url}/a.csv", "--out", out, "--max-megabytes", 5)
    _, said = process.communicate(timeout=HANGS_AFTER_SECONDS)
    assert process.returncode == 1
    assert "more than 5 MB" in said
    # The rest is what the two sockets hold.
    assert server.sent_bytes < 64e6
    assert files(out) == {}


def test_two_gigabytes_of_garbage_in_a_small_compressed_answer_are_not_unfolded(out, server):
    server.answers["/a.csv"] = two_gigabytes_in_two_megabytes
    process = program("--source", f"{server.url}/a.csv", "--out", out, "--max-megabytes", 5)
    _, said = process.communicate(timeout=HANGS_AFTER_SECONDS)
    assert process.returncode == 1
    assert "more than 5 MB" in said
    assert files(out) == {}


def test_two_gigabytes_of_garbage_under_a_redirect_are_not_read(out, server):
    server.answers["/a.csv"] = redirecting(f"/{daily_name(DAY)}", then=server.send_garbage)
    server.serve(DAY)
    process = program("--source", f"{server.url}/a.csv", "--out", out)
    process.communicate(timeout=HANGS_AFTER_SECONDS)
    assert process.returncode == 0
    assert server.sent_bytes < 64e6
    assert len(snapshots(out)) == 1


def test_redirects_are_followed_but_not_in_a_circle(load, out, server):
    server.answers["/circle.csv"] = redirecting("circle.csv")
    code, text = load("--source", f"{server.url}/circle.csv")
    assert code == 1
    assert "redirects" in text
    server.answers["/latest.csv"] = redirecting(daily_name(DAY))
    server.serve(DAY)
    assert load("--source", f"{server.url}/latest.csv")[0] == 0
    assert len(snapshots(out)) == 1


def test_a_compressed_answer_is_read_whole_or_not_at_all(load, out, server):
    text = daily_csv(daily_rows(DAY))
    for share in (0.3, 0.98):
        server.answers["/a.csv"] = compressed(text, share)
        code, said = load("--source", f"{server.url}/a.csv", "--attempts", 2)
        assert code == 1
        assert "after 2 attempts" in said
    server.answers["/a.csv"] = sent(b"\x1f\x8b and nonsense", Content_Encoding="gzip")
    assert load("--source", f"{server.url}/a.csv", "--attempts", 1)[0] == 1
    server.answers["/a.csv"] = sent(b"x", Content_Encoding="br")
    code, said = load("--source", f"{server.url}/a.csv")
    assert code == 1
    assert "compressed as br" in said
    assert snapshots(out) == {}
    server.answers["/a.csv"] = compressed(text)
    assert load("--source", f"{server.url}/a.csv")[0] == 0
    assert len(snapshots(out)) == 1


def test_an_answer_without_a_length_that_ends_within_a_line_is_not_loaded(load, out, server):
    text = daily_csv(daily_rows(DAY))
    server.answers["/a.csv"] = sent(text[:-3].encode())
    code, said = load("--source", f"{server.url}/a.csv", "--attempts", 2)
    assert code == 1
    assert "cut off" in said
    server.answers["/a.csv"] = sent(text.encode())
    assert load("--source", f"{server.url}/a.csv")[0] == 0
    assert len(snapshots(out)) == 1


def test_a_date_of_change_does_not_stand_in_for_the_day_the_address_names(load, out, server):
    text = without("SnapshotDate", DAY)
    server.answers[f"/{daily_name(DAY)}"] = whole(text, Last_Modified="Sun, 01 Mar 2026 10:11:37 GMT")
    code, said = load("--url-template", server.template)
    assert code == 1
    assert "no column SnapshotDate" in said
    assert snapshots(out) == {}


def test_an_answer_that_nothing_changed_is_worth_nothing_if_it_was_not_asked(load, out, server):
    server.answers["/a.csv"] = sent(b"", status=304)
    code, text = load("--source", f"{server.url}/a.csv")
    assert code == 1
    assert "answers 304" in text


def test_an_unreachable_server_is_reported(load, out):
    with running_server() as gone:
        url = gone.url
    code, text = load("--source", f"{url}/a.csv")
    assert code == 1
    assert f"{url}/a.csv" in text
    assert len([line for line in text.splitlines() if line.startswith("error:")]) == 1


def test_an_undated_file_takes_the_date_the_server_gives_it(load, out, server):
    server.answers["/latest.csv"] = whole(without("SnapshotDate", DAY), Last_Modified="Fri, 13 Feb 2026 10:11:37 GMT")
    code, text = load("--source", f"{server.url}/latest.csv")
    assert code == 0
    assert "taken as of 2026-02-13 (Last-Modified)" in text
    assert {row["measured_on"] for row in rows(out)} == {DAY}
    assert all("without a date, taken as of" in row["edition"] for row in rows(out))


def test_a_signature_in_the_address_is_neither_printed_nor_written(load, out, server):
    server.answers[f"/{daily_name(DAY)}"] = whole(daily_csv(daily_rows(DAY)))
    code, text = load("--source", f"{server.url.replace('//', '//user:secret1@')}/{daily_name(DAY)}?sig=secret2")
    assert code == 0
    written = "".join(path.read_text(errors="replace") for path in out.iterdir())
    assert "secret" not in text + written + json.dumps(rows(out), default=str)
    server.answers["/broken.csv"] = whole("down", status=500)
    server.answers["/moved.csv"] = redirecting("ftp://user:secret1@127.0.0.1/a.csv?sig=secret2")
    with running_server() as gone:
        unreachable = gone.url
    for url in (*(f"{server.url}/{name}.csv" for name in ("missing", "broken", "moved")), f"{unreachable}/a.csv"):
        code, text = load("--source", f"{url.replace('//', '//user:secret1@')}?sig=secret2")
        assert code == 1
        assert "secret" not in text


def test_a_weekly_call_survives_a_refused_file_and_says_so(load, out, server):
    server.serve(DAY - timedelta(7), text=without("PUE", DAY))
    server.serve(DAY - timedelta(6))
    server.serve(DAY)
    code, text = load("--url-template", server.template, "--since", DAY - timedelta(7))
    assert code == 1
    assert "1 files refused" in text
    assert len(snapshots(out)) == 2

"""Sheets of one row per trial: what their columns mean without a mapping, as docs/mapping.md says (about 3 s)."""

from pathlib import Path

import pytest
from readers_staged import Staged, read, write

from qc.model import InputError
from qc.readers import Mapping, guess_mapping


def staged(folder: Path, *lines: str) -> Staged:
    return read(write(folder, "study.csv", "\n".join(lines) + "\n"), folder)


def columns(header: str, *rows: str) -> dict[str, str]:
    return dict(guess_mapping(header.split(","), [row.split(",") for row in rows]).columns)


@pytest.mark.parametrize(
    ("header", "row", "answer"),
    [
        (
            "subject,trial_type,trial_index,rt,stimulus,response,correct_response",
            "s1,key,3,812.4,a.png,f,j",
            "response",
        ),
        (
            "participant,session,trials.thisN,key_resp.rt,image,key_resp.keys,corrAns",
            "p1,1,3,.8,a.png,f,j",
            "key_resp.keys",
        ),
        (
            "WorkerId,SessionNumber,TrialNumber,ResponseTime,StimulusId,Choice,CorrectAnswer",
            "w,1,3,2.4,a,f,j",
            "Choice",
        ),
        ("Subj_idx,Sess,Trial,RT,Stim,Resp,TrueLabel", "1,1,3,2.4,a,f,j", "Resp"),
    ],
)
def test_the_names_of_studies_are_understood(header: str, row: str, answer: str) -> None:
    mapping = guess_mapping(header.split(","), [row.split(",")])
    assert {"item_id", "annotator", "position", "seconds", "gold_label"} <= mapping.columns.keys()
    assert mapping.questions["label"].column == answer
    assert len(set(mapping.columns.values())) == len(mapping.columns)


def test_positions_that_begin_anew_with_each_block_are_put_one_after_the_other(tmp_path: Path) -> None:
    rows = [f"s{n},{block},{trial},i{trial},yes" for n in (1, 2) for block in (1, 2, 5) for trial in (1, 2, 3)]
    found = staged(tmp_path, "subject,block,trial,stimulus,response", *rows)
    assert found.rows("annotations", "position")[:9] == [(float(place),) for place in range(1, 10)]
    assert "Column trial begins anew with each block: block was put after block, of 3 each" in found.report.notes


def test_days_are_sessions_where_trials_have_no_times() -> None:
    header = "subject,day,trial,stimulus,response"
    assert columns(header, "s1,1,1,a,yes", "s1,2,1,a,no")["session"] == "day"
    assert "session" not in columns(header + ",timestamp", "s1,1,1,a,yes,2026-03-02 09:00")
    assert columns(header + ",session", "s1,1,1,a,yes,4")["session"] == "session"


def test_positions_that_run_on_over_blocks_stay_as_they_are(tmp_path: Path) -> None:
    rows = [f"s1,{(trial - 1) // 3},{trial},i{trial},yes" for trial in range(1, 10)]
    found = staged(tmp_path, "subject,block,trial,stimulus,response", *rows)
    assert found.rows("annotations", "position") == [(float(place),) for place in range(1, 10)]
    assert not found.report.notes


def test_blocks_that_have_no_numbers_are_in_no_order(tmp_path: Path) -> None:
    found = staged(tmp_path, "subject,block,trial,stimulus,response", "s1,easy,1,a,yes", "s1,hard,1,b,no")
    assert found.rows("annotations", "position") == [(1.0,), (1.0,)]
    assert found.report.notes == ("Column block is no number, so nothing tells which of its values came first",)


@pytest.mark.parametrize(
    ("column", "value", "seconds"),
    [
        ("rt", "812.4", 0.8124),
        ("rt", "0.8124", 0.8124),
        ("rt", "14.5", 14.5),
        ("response_time", "240", 240.0),
        ("response_time", "2400", 2.4),
        ("rt_ms", "90", 0.09),
        ("seconds", "812.4", 812.4),
        ("duration", "1200", 1200.0),
    ],
)
def test_reactions_of_hundreds_are_milliseconds(tmp_path: Path, column: str, value: str, seconds: float) -> None:
    found = staged(tmp_path, f"subject,trial,stimulus,response,{column}", f"s1,1,a,yes,{value}", f"s1,2,b,no,{value}")
    assert [row[0] for row in found.rows("annotations", "seconds")] == pytest.approx([seconds, seconds])


def test_the_unit_of_durations_can_be_said() -> None:
    mapping = Mapping.from_toml('seconds_unit = "s"\n[columns]\nitem_id = "stimulus"\nseconds = "rt"\n')
    assert Mapping.from_toml(mapping.to_toml()) == mapping
    with pytest.raises(InputError, match='seconds_unit must be "s" or "ms"'):
        Mapping.from_toml('seconds_unit = "minutes"\n')


@pytest.mark.parametrize(("right", "wrong"), [("1", "0"), ("TRUE", "FALSE"), ("1.0", "0.0"), ("correct", "incorrect")])
def test_what_is_said_to_be_right_or_wrong_was_judged(tmp_path: Path, right: str, wrong: str) -> None:
    rows = (f"s1,1,a,f,{right}", f"s1,2,b,f,{wrong}", "s1,3,c,j,")
    found = staged(tmp_path, "subject,trial,stimulus,response,correct", *rows)
    assert found.rows("reviews", "item_id", "verdict") == [("a", "accept"), ("b", "reject")]
    assert len(found.rows("annotations")) == 3
    assert any("says whether each answer was right" in note for note in found.report.notes)


def test_a_judgement_without_its_answer_stands_for_it(tmp_path: Path) -> None:
    found = staged(tmp_path, "subject,trial,stimulus,accuracy", "s1,1,a,1", "s1,2,b,0")
    assert found.rows("annotations", "item_id", "label") == [("a", "1"), ("b", "0")]
    assert found.rows("reviews", "item_id", "verdict") == [("a", "accept"), ("b", "reject")]


def test_right_answers_decide_where_they_stand_beside_judgements() -> None:
    found = columns("subject,stimulus,response,correct_response,correct", "s1,a,f,f,1", "s1,b,f,j,0")
    assert found["gold_label"] == "correct_response"
    assert "review_decision" not in found


def test_a_column_correct_of_answers_is_the_right_answer() -> None:
    found = columns("subject,stimulus,response,correct", "s1,a,left,left", "s1,b,right,left")
    assert found["gold_label"] == "correct"


def test_a_stimulus_that_is_to_be_told_is_the_right_answer(tmp_path: Path) -> None:
    found = staged(tmp_path, "Subj_idx,Stimulus,Response,Trial", "1,1,2,1", "1,2,2,2", "1,2,1,3")
    assert found.rows("annotations", "item_id", "role", "label")[-2:] == [("1", "gold", "1"), ("2", "gold", "2")]


def test_a_subject_of_several_words_is_no_person() -> None:
    """The wide sheet of a help desk: two people, and what the mails are about."""
    mapping = guess_mapping(
        ["id", "subject", "Anna", "Ben"], [["1", "no light", "bug", "bug"], ["2", "thanks", "ok", "ok"]]
    )
    assert mapping.people == ("Anna", "Ben")


def test_a_clock_that_nobody_can_read_is_left_out() -> None:
    header = "participant,stimulus,response,date,time"
    assert "submitted_at" not in columns(header, "p1,a,yes,2024_Mar_04_0912,2532", "p1,b,yes,2024_Mar_04_0912,2901")
    assert columns(header, "p1,a,yes,2024_Mar_04_0912,2024-03-04 09:12")["submitted_at"] == "time"


def test_the_stimulus_is_the_item_where_the_task_is_the_same_throughout() -> None:
    assert columns("subject,task,stimulus,response", "s1,stroop,a,x", "s1,stroop,b,x")["item_id"] == "stimulus"
    assert columns("subject,task,stimulus,response", "s1,t1,a,x", "s1,t2,b,x")["item_id"] == "task"


def test_the_answer_may_be_the_right_one_as_judgements_show() -> None:
    header = "Participant Private ID,Trial Number,image,ANSWER,Response,Correct,Reaction Time"
    rows = ("p1,1,a.png,left,left,1,700", "p1,2,b.png,left,right,0,800", "p1,3,c.png,right,right,1,900")
    mapping = guess_mapping(header.split(","), [row.split(",") for row in rows])
    assert (mapping.questions["label"].column, mapping.columns["gold_label"]) == ("Response", "ANSWER")
    assert mapping.seconds_unit == "ms"
    without = guess_mapping(["annotator", "item", "answer", "response"], [["p1", "a", "left", "right"]])
    assert without.questions["label"].column == "answer"


def test_a_column_that_explains_the_judgements_is_the_right_answer() -> None:
    header = "subject,stimulus,target,response,correct"
    found = columns(header, "s1,a,f,f,1", "s1,b,j,f,0", "s1,c,j,j,1")
    assert found["gold_label"] == "target"
    assert "review_decision" not in found
    # One that does not is none.
    assert columns(header, "s1,a,f,f,1", "s1,b,j,f,1", "s1,c,j,j,1")["review_decision"] == "correct"


def test_what_is_right_by_the_trial_is_judged_by_the_trial() -> None:
    """A rule that changes (task switching): the same stimulus asks for f now and for j then."""
    found = columns("subject,stimulus,correct_response,response,correct", "s1,7,f,f,1", "s1,7,j,f,0", "s1,4,j,j,1")
    assert found["review_decision"] == "correct"
    assert "gold_label" not in found


def test_items_with_several_right_answers_are_counted(tmp_path: Path) -> None:
    found = staged(
        tmp_path, "subject,trial,stimulus,correct_response,response", "s1,1,7,f,f", "s1,2,7,j,f", "s1,3,4,j,j"
    )
    assert [note for note in found.report.notes if note.startswith("1 right answer is")]

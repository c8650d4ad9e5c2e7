"""What a report begins with: how much work there is, and what stands out."""

from __future__ import annotations

from qc.figures import number, several, volume_by_day
from qc.figures.sayings import headline_errors, said_by
from qc.reports.blocks import Block, Column, Headlines, Section, Sentences, chart, count, headline, table
from qc.reports.material import Material
from qc.reports.sections.errors import most_judged


def summary(material: Material) -> Section:
    """Volume, four headline figures, the findings, and the answers by day."""
    whole = material.assessment
    volume = whole["volume"]
    between = f" between {volume['first_at'][:10]} and {volume['last_at'][:10]}" if volume["first_at"] else ""
    opening = (
        f"{several(volume['annotators'], 'person', 'people')} gave {several(volume['annotations'], 'answer')} on "
        f"{several(volume['items'], 'item')}{between}; {several(volume['reviewed'], 'answer')} "
        f"{'was' if volume['reviewed'] == 1 else 'were'} reviewed, and {several(volume['gold_items'], 'item')} "
        f"{'has' if volume['gold_items'] == 1 else 'have'} a known answer."
    )
    nothing = not volume["annotations"]
    if nothing:
        opening = "No answer lies within the period and the filters of this report, so there are no figures."
    blocks: list[Block] = [Sentences((opening,)), _headlines(material)]
    if nothing and material.findings:
        blocks.append(Sentences(("Open now, whatever the period:",)))
    if material.findings:
        blocks.append(Sentences(material.findings, listed=True))
    if material.days:
        columns = (Column("day", "day"), Column("site", "site"), Column("answers", "answers", "count"))
        by_day = table("answers-by-day", "Answers by day", columns, material.days)
        blocks.append(chart(volume_by_day(material.days), "Bars: answers on each day, by site", by_day))
    return Section("What stands out", tuple(blocks))


def _headlines(material: Material) -> Headlines:
    whole = material.assessment
    boxes = []
    if whole["agreement"]:
        lowest = min(
            whole["agreement"], key=lambda part: 2.0 if part["alpha"]["value"] is None else part["alpha"]["value"]
        )
        boxes.append(headline("Agreement (alpha)", lowest["alpha"], note=f"on {lowest['question']}"))
    else:
        boxes.append(count("Agreement (alpha)", "–", "no item was answered by two people"))
    source = whole["cost"]["source"]
    judged = headline_errors(material.part("errors"), source)
    if judged:
        target = number(whole["policy"]["errors"]["target"], "percent")
        note = f"by {said_by(judged['source'], material.part('errors'))}, target {target}"
        boxes.append(headline("Error rate", judged["overall"], "percent", note=note))
    else:
        boxes.append(count("Error rate", "–", "nothing has been judged"))
    tired = most_judged(material.part("fatigue"), "error_per_hour")
    if tired:
        slope = tired["overall"]["error_per_hour"]
        note = f"of work: {tired['overall']['verdict']}"
        boxes.append(headline("Errors: change per hour", slope, "points", note=note))
    escaped = whole["cost"]["errors_escaped"]
    left = f"still in the data, estimated from {said_by(source, material.part('errors'))}"
    boxes.append(headline("Errors that escaped", escaped, "count", note=left))
    return Headlines(tuple(boxes))

"""The settings of a policy that the page Settings offers, and what follows from each group of them."""

from typing import Final

# Title, consequence, and the settings: path in the policy, label, kind.
GROUPS: Final = (
    (
        "Review levels",
        "The share of new answers that is drawn for review at each level; level full checks everything. More checks "
        "find a rise sooner and cost more hours: the page Spot checks shows both before you draw.",
        (
            ("sampling.reduced", "Reduced, %", "percent"),
            ("sampling.normal", "Normal, %", "percent"),
            ("sampling.tightened", "Tightened, %", "percent"),
            ("sampling.min_per_annotator", "At least per annotator", "count"),
            ("sampling.window_days", "within days", "count"),
            ("sampling.by_risk", "Of it by risk, %", "percent"),
            ("sampling.route_below", "Models less sure than this are checked, %", "percent"),
            ("sampling.route", "Checked whenever", "choices"),
            ("sampling.twice", "Judged by two people, %", "percent"),
        ),
    ),
    (
        "Errors and alarms",
        "Verdicts compare with the target; the limit must be noticed. The nearer the two, and the fewer false alarms a "
        "month you bear, the more answers an alarm needs.",
        (
            ("errors.target", "Target, %", "percent"),
            ("errors.limit", "Limit, %", "percent"),
            ("errors.false_alarms_per_month", "False alarms a month", "number"),
            ("errors.judged_per_month", "Reviews a month, expected", "number"),
            ("errors.min_judged", "Judged answers for a verdict", "count"),
        ),
    ),
    (
        "How labels are measured",
        "Questions are compared as their answers are given: labels as equal or not, ratings as ranks, numbers by how "
        "far they are apart. Name those that are meant otherwise: ordinal are ranks, interval counts differences, "
        "ratio amounts from 0. One line for each question whose labels are known: its name, then all that there are, "
        "the least first. Gwet's AC1 and Brennan–Prediger count them, and ranks stand in this order.",
        (
            ("agreement.ordinal", "Ordinal questions", "labels"),
            ("agreement.interval", "Interval questions", "labels"),
            ("agreement.ratio", "Ratio questions", "labels"),
            ("agreement.labels", "Labels of questions", "declared"),
        ),
    ),
    (
        "How levels move",
        "sequential: a control chart raises and a posterior lowers. lots: the lots of a subject pass or fail by "
        "MIL-STD-105E, and its switching rules decide. manual: a lead decides. What follows is said below.",
        (
            ("levels.policy", "Policy", "choice"),
            ("levels.subjects", "Levels of", "choices"),
            ("levels.window", "Answers remembered", "count"),
            ("levels.lot", "A lot is", "choice"),
            ("levels.lot_size", "Answers a lot", "count"),
            ("levels.aql", "AQL, %", "choice"),
            ("levels.inspection", "Inspection level", "choice"),
        ),
    ),
    (
        "Judgement",
        "What counts as an error, and who decides about levels.",
        (
            ("errors.minor_is_error", "Minor faults count as errors", "switch"),
            ("errors.judge_by_consensus", "The consensus of the others may judge", "switch"),
            ("errors.automatic", "Levels follow the evidence without approval", "switch"),
        ),
    ),
    (
        "Alerts",
        "What is worth an alert: how much may wait, and what difference matters. A resolved alert stays quiet for the "
        "cool-down; a muted rule never speaks. The page Alerts & levels shows what each rule found.",
        (
            ("alerts.conflicts", "Conflicts that may wait", "count"),
            ("alerts.reviews", "Drawn answers that may wait", "count"),
            ("alerts.review_days", "Days a drawn answer may wait", "count"),
            ("alerts.draw_days", "Days new answers may wait for a draw", "count"),
            ("alerts.mix_shift", "Label mix that matters, %", "percent"),
            ("alerts.skip_rise", "Skips above the others, %", "percent"),
            ("alerts.reviewers_differ", "Reviewers may differ in, %", "percent"),
            ("alerts.bad_data", "Rows with a problem, %", "percent"),
            ("alerts.cool_down_days", "Cool-down, days", "count"),
            ("alerts.weekly_digest", "A summary each week", "switch"),
            ("alerts.muted", "Muted rules", "choices"),
            ("alerts.info", "Rules that only inform", "choices"),
            ("alerts.critical", "Rules that are critical", "choices"),
        ),
    ),
    (
        "Comparisons",
        "A site or version holds the standard when its error rate is shown to be higher by less than the margin. "
        "Groups with fewer judged answers are not tested, and smaller gaps are not flagged. The pages Comparisons and "
        "Sites & shifts show what follows.",
        (
            ("compare.margin", "May be worse by, %", "percent"),
            ("compare.least", "Judged answers of a group", "count"),
            ("compare.effect", "Gap that matters, %", "percent"),
            ("compare.false_discovery", "Flags that may be false, %", "percent"),
            ("compare.period_days", "A period, days", "count"),
        ),
    ),
    (
        "The review desk",
        "What a reviewer can say is wrong, in the order of its keys. Blind: who answered, what a model said and what "
        "is known to be right are told after the verdict. A longer pause at the desk counts as this long.",
        (
            ("review.error_types", "What may be wrong", "names"),
            ("review.blind", "Reviewers judge blind", "switch"),
            ("review.idle_seconds", "Pause, seconds", "number"),
        ),
    ),
    (
        "The queue",
        "An item is before one reviewer, and let go when they leave or do nothing for so long. What two reviewers see "
        "differently goes up to a tier; labels and batches named here go to theirs at once. A lead's verdict on what "
        "went up is the final call on the item.",
        (
            ("queue.claim_minutes", "Kept for, minutes", "number"),
            ("queue.disagreement", "Differing verdicts go to a", "choice"),
            ("queue.senior_labels", "Labels for seniors", "labels"),
            ("queue.senior_batches", "Batches for seniors", "labels"),
            ("queue.lead_labels", "Labels for leads", "labels"),
            ("queue.lead_batches", "Batches for leads", "labels"),
        ),
    ),
    (
        "Sessions and days",
        "A pause this long ends a session; the page Fatigue shows the pauses and proposes one. A slope within the "
        "margin counts as flat. Days and shifts are those of the time zone.",
        (
            ("fatigue.gap_minutes", "Pause, minutes", "number"),
            ("fatigue.margin", "Margin per hour, %", "percent"),
            ("timezone", "Time zone", "zone"),
            ("fatigue.shifts", "Shifts begin at, hours", "hours"),
        ),
    ),
    (
        "Prices",
        "They decide how much review is worth buying: the page Cost & impact. Times are measured where they can be, "
        "and so is how well reviewers see. Prices of errors by severity or label, such as critical 50, minor 2, win "
        "over the one for all.",
        (
            ("cost.currency", "Currency", "text"),
            ("cost.reviewer_wage", "Reviewer, per hour", "number"),
            ("cost.review_minutes", "Minutes per review", "number"),
            ("cost.escaped_error", "An error that escapes", "number"),
            ("cost.false_flag", "A right answer that is flagged", "number"),
            ("cost.sensitivity", "Errors that reviewers see, %", "percent"),
            ("cost.specificity", "Right answers that they let pass, %", "percent"),
            ("cost.hours_a_week", "Hours for review, a week", "number"),
            ("cost.annotator_wage", "Annotator, per hour", "number"),
            ("cost.by_severity", "Errors by severity", "prices"),
            ("cost.by_label", "Errors by label", "prices"),
        ),
    ),
)

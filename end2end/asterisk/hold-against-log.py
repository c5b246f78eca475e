#!/usr/bin/env python3
"""Holds the calls of queues that Starboard kept against the queue_log of the Asterisk that they were on.

    hold-against-log.py DATABASE QUEUE_LOG AGENTS

AGENTS is JSON: the interface of each agent by the name in the log. Prints JSON. Written apart from the program: it
shares nothing with its reader of the log. A row is wrong when it says something else than the log and is not marked as
seen in part; a call without a row is wrong unless a gap that is not filled lies over it.
"""
import json
import sqlite3
import sys
from collections import Counter

NEAR_S = 2.0
ENDS = {
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "timed_out",
    "EXITWITHKEY": "key",
    "EXITEMPTY": "no_agents",
    "WITHDRAW": "withdrawn",
}
TALKS = {
    "COMPLETECALLER": "caller",
    "COMPLETEAGENT": "agent",
    "BLINDTRANSFER": "transfer",
    "ATTENDEDTRANSFER": "transfer",
}


def truth(path, agents):
    """Calls as the log has them, in the order in which they came."""
    calls, now = [], {}
    for line in open(path, encoding="utf-8", errors="replace"):
        fields = line.rstrip("\n").split("|")
        if len(fields) < 5:
            continue
        second, call, queue, agent, event, *data = fields
        second, key = int(second), (queue, call)
        if event == "ENTERQUEUE":
            now[key] = {"queue": queue, "call": call, "number": data[1], "joined": second, "missed": Counter()}
            calls.append(now[key])
        elif key in now:
            one = now[key]
            if event in ENDS:
                one.update(how=ENDS[event], left=second)
            elif event == "CONNECT":
                one.update(how="answered", left=second, agent=agents.get(agent, agent))
            elif event in TALKS:
                one.update(end=TALKS[event], ended=second)
            elif event == "RINGNOANSWER":
                one["missed"][agents.get(agent, agent)] += 1
    return calls


def pauses(path, agents):
    """Who was paused from when to when, and for what; of agents of one queue."""
    queues, told, now = {}, [], {}
    for line in open(path, encoding="utf-8", errors="replace"):
        fields = line.rstrip("\n").split("|")
        if len(fields) < 5 or fields[4] not in ("PAUSE", "UNPAUSE", "REMOVEMEMBER"):
            continue
        second, _, queue, agent, event, *data = fields
        who = agents.get(agent, agent)
        queues.setdefault(who, set()).add(queue)
        if who in now:
            told.append((who, *now.pop(who), int(second)))
        if event == "PAUSE":
            now[who] = ("|".join(data), int(second))
    return [(who, reason, start, end) for who, reason, start, end in told if len(queues[who]) == 1 and end > start]


def pauses_off(base, told, calls):
    """Pauses that were kept otherwise than the log has them: a call comes before a pause."""
    spans = base.execute("SELECT interface, reason, since_ms, until_ms FROM agent_span WHERE doing = 'paused'").fetchall()

    def common(start, end, other, until):
        return max(0, min(end, until) - max(start, other))

    off = []
    for who, reason, start, end in told:
        talks = sum(common(start, end, one["left"], one.get("ended", end)) for one in calls if one.get("agent") == who)
        kept = sum(
            common(start * 1000, end * 1000, since, until or 1 << 60)
            for interface, why, since, until in spans
            if (interface, why) == (who, reason)
        )
        if abs(kept / 1000 - (end - start - talks)) > NEAR_S:
            off.append(["pause", who, reason, start, end, talks, kept])
    return off


def wrong(row, one):
    """What a row says otherwise."""

    def far(column, name):
        at = row[column]
        return (at is None) != (name not in one) or at is not None and abs(at / 1000 - one[name]) > NEAR_S

    checks = {
        "number": row["number"] != one["number"],
        "joined": far("joined_ms", "joined"),
        "how": row["left_how"] != one.get("how"),
        "left": far("left_ms", "left"),
        "agent": row["agent"] != one.get("agent"),
        "end": row["talk_end"] != one.get("end"),
        "ended": far("talk_ended_ms", "ended"),
        "missed": row["missed"] != one["missed"],
    }
    return [what for what, differs in checks.items() if differs]


def main(database, log, agents):
    base = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    base.row_factory = sqlite3.Row
    rows = [dict(row) for row in base.execute("SELECT * FROM visit ORDER BY joined_ms")]
    missed = {}
    for visit, interface in base.execute("SELECT visit_id, interface FROM visit_ring WHERE how = 'not_answered'"):
        missed.setdefault(visit, Counter())[interface] += 1
    gaps = base.execute("SELECT from_ms, to_ms, repaired_by FROM gap").fetchall()
    open_gaps = [(start, end or 1 << 60) for start, end, filled in gaps if not filled]
    free = {}
    for row in rows:
        row["missed"] = missed.get(row["id"], Counter())
        free.setdefault((row["queue"], row["channel"]), []).append(row)
    told = truth(log, agents)
    result = Counter(calls=len(told), rows=len(rows), gaps=len(gaps), gaps_not_filled=len(open_gaps))
    result["gaps_not_over"] = sum(end is None for _, end, _ in gaps)
    found = []
    for one in told:
        result[one.get("how", "waits")] += 1
        at = free.get((one["queue"], one["call"]), [])
        row = min(at, key=lambda row: abs(row["joined_ms"] / 1000 - one["joined"]), default=None)
        if row is None:
            last = one.get("ended", one.get("left", one["joined"])) * 1000 + 1000
            covered = any(start <= last and one["joined"] * 1000 <= end for start, end in open_gaps)
            result["missing"] += 1
            if not covered:
                found.append(["not there", one["queue"], one["call"]])
            continue
        at.remove(row)
        result["from_log"] += row["source"] == "queue_log"
        if row["partial"] or row["doubted"]:
            result["marked"] += 1
            result["doubted"] += row["doubted"]
            result["marked_and_off"] += bool(wrong(row, one))
        elif problems := wrong(row, one):
            found.append([problems, one["queue"], one["call"], {**row, "missed": dict(row["missed"])}, {**one, "missed": dict(one["missed"])}])
    paused = pauses(log, agents)
    result["pauses"] = len(paused)
    found += pauses_off(base, paused, told)
    turned_away = ("full", "no_agents_at_first")
    for row in (row for at in free.values() for row in at):
        if row["left_how"] not in turned_away:
            found.append(["never was", row["queue"], row["channel"], row["left_how"], row["partial"]])
    print(json.dumps({**result, "wrong": len(found), "found": found[:10]}))


main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))

"""Figures of queues calculated anew, from the visits as JSON lines: written apart from the program, to hold it against.

Reads a policy, then visits; writes the figures. Knows nothing of sums: each figure goes through the visits by itself.
"""
import json
import sys


def waited(visit):
    return visit["left"][0] - visit["joined"]


def share(part, whole):
    return [len(part), len(whole)] if whole else None


def figures(policy, visits):
    target, short = policy["target_ms"], policy["short_abandon_ms"]
    done = [v for v in visits if v["left"] is not None]

    def by(*ways):
        return [v for v in done if v["left"][1] in ways]

    def in_time(those):
        return [v for v in those if waited(v) <= target]

    answered, gave_up = by("Answered"), by("Abandoned")
    later = [v for v in gave_up if waited(v) >= short]
    counted = [v for v in done if v["left"][1] != "Abandoned" or waited(v) >= short]
    # who keeps the place is called, and counts as that call
    waited_for = [v for v in counted if v["left"][1] != "KeptPlace"]
    talks = [v["talk"] for v in done if v["talk"] and v["talk"]["ended"]]
    handled = sum(t["ended"][0] - t["began"] for t in talks)
    ended = [r["ended"][1] for v in done for r in v["rings"] if r["ended"]]
    return {
        "strict": share(in_time(answered), waited_for),
        "of_offered": share(in_time(answered), done),
        "of_answered": share(in_time(answered), answered),
        "with_abandons": share(in_time(answered) + in_time(gave_up), answered + gave_up),
        "abandon_rate": share(later, counted),
        "asa_ms": sum(map(waited, answered)) // len(answered) if answered else None,
        "longest_wait_ms": max(map(waited, done), default=0),
        "aht_ms": handled // len(talks) if talks else None,
        "transferred": sum(t["ended"][1] == "Transfer" for t in talks),
        "ring_no_answer": share([e for e in ended if e == "NotAnswered"], ended),
        "timed_out": len(by("TimedOut")),
        "key": len(by("Key")),
        "kept_place": len(by("KeptPlace")),
        "turned_away": len(by("Full", "NoAgentsAtFirst")),
        "no_agents": len(by("NoAgents")),
        "unexplained": len(by("Unexplained", "PbxStopped")),
        "partial": sum(v["partial"] for v in done),
    }


lines = [json.loads(line) for line in sys.stdin]
print(json.dumps(figures(lines[0], lines[1:])))

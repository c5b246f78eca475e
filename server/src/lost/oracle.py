"""Who was lost and reached, calculated anew from what happened as JSON lines: written apart from the program, to hold it against.

Reads a policy and a time, then what happened in order; writes the figures. Knows no rows: it asks of every person what
happened to them.
"""
import json
import sys


def episodes(events):
    """From the first try that reached nobody to the talk that ended it, of one person."""
    begun = []
    for event in events:
        if event["kind"] == "lost":
            if not begun or begun[-1]["talk"] is not None:
                begun.append({"tries": [], "talk": None})
            begun[-1]["tries"].append(event)
        elif begun and begun[-1]["talk"] is None:
            begun[-1]["talk"] = event["at"]
    return begun


def figures(asked, events):
    first, end = asked["from"], asked["to"]
    people = {e["person"] for e in events if e["person"]}
    every = [one for who in sorted(people) for one in episodes([e for e in events if e["person"] == who])]

    def short(one):
        return one["how"] == "Abandoned" and one["waited"] < asked["short_ms"]

    def within(one):
        return first <= one["at"] < end

    counted, only_short, times = [], 0, []
    for one in every:
        real = [t for t in one["tries"] if not short(t)]
        if any(within(t) for t in real):
            counted.append(one)
            if one["talk"] is not None:
                times.append(one["talk"] - min(t["at"] for t in real))
        elif not real and any(within(t) for t in one["tries"]):
            only_short += 1
    times.sort()
    half = len(times) // 2
    median = None
    if times:
        median = times[half] if len(times) % 2 else (times[half - 1] + times[half]) // 2
    nobody = [e for e in events if not e["person"] and e["kind"] == "lost"]
    return {
        "people": len(counted),
        "reached": len(times),
        "open": len(counted) - len(times),
        "median_ms": median,
        "short": only_short,
        "withheld": sum(within(e) and not short(e) for e in nobody),
    }


lines = [json.loads(line) for line in sys.stdin]
print(json.dumps(figures(lines[0], lines[1:])))

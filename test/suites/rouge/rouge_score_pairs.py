"""Reads pairs of answer and reference from standard input and writes their ROUGE scores, F1, as JSON."""

import json
import sys

from rouge_score import rouge_scorer

scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"])
scores = []
for answer, reference in json.load(sys.stdin):
    scored = scorer.score(reference, answer)
    scores.append({name: score.fmeasure for name, score in scored.items()})
json.dump(scores, sys.stdout)

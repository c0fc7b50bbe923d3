"""Which place of a project's menu a page belongs to.

A place is named by the route of its own page. Most pages belong to the place of their feature; those that
do not are named here one by one, and so are features that have no place of their own.
"""

CODING, POSTS, CODEBOOK, ROUNDS = "coding.start", "corpora.index", "codebooks.show", "rounds.index"
AGREEMENT, DISAGREEMENTS, RESULTS = "reliability.show", "adjudication.queue", "results.show"
MEMBERS, HISTORY = "projects.members", "projects.history"
NONE = ""

_OF_FEATURE = {
    "adjudication": DISAGREEMENTS,
    "archive": RESULTS,
    "care": CODING,
    "codebooks": CODEBOOK,
    "coding": CODING,
    "corpora": POSTS,
    "exchange": RESULTS,
    "methods": RESULTS,
    "norming": ROUNDS,
    "projects": NONE,
    "rebuilding": HISTORY,
    "reliability": AGREEMENT,
    "results": RESULTS,
    "rounds": ROUNDS,
    "takedown": POSTS,
    "tokens": MEMBERS,
    "training": ROUNDS,
}
_OF_PAGE = {
    "care.save_settings": NONE,
    "care.settings": NONE,
    "coding.answer_question": ROUNDS,
    "coding.question_to_lead": ROUNDS,
    "coding.questions_to_lead": ROUNDS,
    "coding.times": ROUNDS,
    "exchange.copy": NONE,
    "exchange.discard_qdpx": ROUNDS,
    "exchange.discard_gold": ROUNDS,
    "exchange.discard_ratings": ROUNDS,
    "exchange.gold_file": ROUNDS,
    "exchange.import_gold": ROUNDS,
    "exchange.import_qdpx": ROUNDS,
    "exchange.import_ratings": ROUNDS,
    "exchange.make_copy": NONE,
    "exchange.preview_gold": ROUNDS,
    "exchange.preview_qdpx": ROUNDS,
    "exchange.preview_ratings": ROUNDS,
    "exchange.qdpx": ROUNDS,
    "exchange.ratings": ROUNDS,
    "exchange.receive_gold": ROUNDS,
    "exchange.receive_qdpx": ROUNDS,
    "exchange.receive_ratings": ROUNDS,
    "projects.change_role": MEMBERS,
    "projects.deactivate_member": MEMBERS,
    "projects.give_away": MEMBERS,
    "projects.hand_over": MEMBERS,
    "projects.history": HISTORY,
    "projects.invite": MEMBERS,
    "projects.members": MEMBERS,
    "projects.reactivate_member": MEMBERS,
    "projects.revoke_invitation": MEMBERS,
    "rounds.save_skip_reasons": NONE,
    "rounds.skip_reasons": NONE,
    "training.feedback": CODING,
    "training.standing": CODING,
}


def place_of(route: str) -> str:
    """The place in which a page is found, by the name of its route; empty where it stands beside all."""
    return _OF_PAGE.get(route, _OF_FEATURE.get(route.partition(".")[0], NONE))

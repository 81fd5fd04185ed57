/** A typed tool with its test, in one file. */
export function extensionTemplate(): string {
  return `# DESCRIPTION: Counts words and how often each occurs.

load("@std//testing.star", "testing")

def run(text: str, top: int = 3) -> str:
    """Counts the words of a text.

    Args:
      text: what is counted
      top: how many of the most frequent words to name
    """
    if top < 1:
        fail("top must be 1 or more, not %d" % top)
    counts = {}
    for word in text.lower().split():
        word = word.strip(".,;:!?\\"'()")
        if word:
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts.items(), key = lambda item: (-item[1], item[0]))
    named = ["%s (%d)" % (word, count) for word, count in ranked[:top]]
    return "%d words: %s" % (len(counts), ", ".join(named))

def test_counts_words():
    testing.eq(run("To be, or not to be!", top = 2), "4 words: be (2), to (2)")

def test_refuses_a_senseless_top():
    testing.fails(lambda: run("a", top = 0), "top must be 1 or more")
`;
}

/** An extension that shows all that a usual one needs; the test of this plugin holds it to what the description says. */
export const exampleExtension = `# DESCRIPTION: The exchange rate between two currencies.
load("@std//http.star", "http")
load("@std//testing.star", "testing")

allow(http = ["api.frankfurter.dev"])

def run(base: str, to: str = "EUR") -> str:
    """The exchange rate between two currencies.

    Args:
      base: what is changed, such as USD
      to: what it is changed into
    """
    answer = http.get("https://api.frankfurter.dev/v1/latest", params = {"base": base, "symbols": to})
    if not answer.ok:
        fail("the rates answered with status %d" % answer.status)
    return "1 %s = %s %s" % (base, answer.json()["rates"][to], to)

def test_gives_the_rate():
    testing.http({"*": {"json": {"rates": {"EUR": 0.9}}}})
    testing.eq(run("USD"), "1 USD = 0.9 EUR")
`;

/** What a model has to know to write one that is taken at the first try. */
export const howToWrite = `Starlark is a small Python: no import, class, try, yield or decorator; while, recursion and f"{x}" are there; use load, def, fail("what is wrong, and what to do").
A typed run becomes a tool by itself, named by the file ("-" as "_"): annotations give its schema, the docstring its description, "Args:" its parameters. Several tools: tool(fn). Also at top level: schedule("*/30 * * * *", fn), on("message", fn), prompt(text), allow(http = [hosts], read = [paths], write = [paths], secrets = ["NAME@host"], tools = [names], permissions = ["memory.read"]). Without allow a file may ask public hosts, read public/, and read and write files/<name>/. Effects belong into functions, never at top level.
load("@std//NAME.star", "NAME") for http, json, re, time, math, text, html, csv, url, base64, hash, random, kv (kept between calls: kv.get(key, default), kv.set, and kv.update(key, lambda old: new, default) where calls may come together), files, memory, tasks, soul, chat, llm, tools, testing.
Functions test_* run before it is taken, with nothing real and no more rights than it allows: give every extension one. They answer with testing.http, testing.files and testing.capability, and stop the clock with testing.now(seconds). Times are shown as t.format("2006-01-02 15:04"). Example:

${exampleExtension}`;

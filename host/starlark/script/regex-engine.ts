import { RE2JS } from 're2js';
import type { RegexEngine } from 'starlark-js';

/** Regular expressions in time linear in the text, whatever the pattern. */
export const regexEngine: RegexEngine = {
  compile(pattern) {
    const compiled = RE2JS.compile(pattern);
    const groupCount = compiled.groupCount();
    const groupNames = new Map(Object.entries(compiled.namedGroups()).map(([name, number]) => [number, name]));
    // Searching a text for all matches asks for it again and again.
    let matcher = compiled.matcher('');
    let text = '';
    return {
      groupCount,
      groupNames,
      match(searched, start) {
        if (searched !== text) {
          matcher = compiled.matcher(searched);
          text = searched;
        }
        if (!matcher.find(start)) return null;
        const spans: number[] = [];
        for (let group = 0; group <= groupCount; group++) spans.push(matcher.start(group), matcher.end(group));
        return spans;
      },
    };
  },
};

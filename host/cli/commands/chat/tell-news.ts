import type { ClawClient } from '../../client/claw-client.ts';
import { followNews } from '../../client/follow-news.ts';
import { formatNews } from '../../terminal/news-line.ts';

/**
 * Shows what the medic tells people while somebody talks; `show` puts a line where it disturbs nothing. Gives the end.
 */
export function tellNews(client: ClawClient, show: (line: string) => void): () => Promise<void> {
  const leave = new AbortController();
  const onNews: Parameters<typeof followNews>[0]['onNews'] = (news) => {
    if (news.kind === 'told') show(`· ${formatNews(news)}`);
  };
  const following = followNews({ connect: () => client, signal: leave.signal, onNews }).catch((error: Error) => {
    // The talk goes on without them.
    show(`· news of plugins cannot be followed: ${error.message}`);
  });
  return () => {
    leave.abort();
    return following;
  };
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentFixture } from '../testing/agent-fixture.ts';

test('a turn leaves spans in the shape that the web UI reads', async (t) => {
  const { host, ask } = await agentFixture(t, { tools: { look: { run: () => ({ seen: 'a cat' }) } } });
  const { events } = await ask('/look');
  const spans = host.traces.bySession('s1');
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['invocation', 'invoke_agent clay', 'call_llm', 'execute_tool look', 'call_llm'],
  );
  const [invocation, agent, call, tool] = spans;
  assert.equal(invocation?.parent_span_id, null);
  assert.equal(agent?.parent_span_id, invocation?.span_id);
  assert.equal(call?.parent_span_id, agent?.span_id);
  assert.equal(new Set(spans.map(({ trace_id }) => trace_id)).size, 1);
  for (const span of spans) {
    assert.ok(span.end_time >= span.start_time && span.start_time > 1e18, 'nanoseconds');
    for (const value of Object.values(span.attributes)) assert.equal(typeof value, 'string');
  }
  const request = JSON.parse(String(call?.attributes['gcp.vertex.agent.llm_request']));
  assert.equal(request.contents[0].parts[0].text, '/look');
  assert.equal(JSON.parse(String(tool?.attributes['gcp.vertex.agent.tool_response'])).seen, 'a cat');
  const answer = events.at(-1)!;
  assert.equal(host.traces.byEvent(answer.id)?.['gcp.vertex.agent.event_id'], answer.id);
  assert.match(String(host.traces.byEvent(answer.id)?.['gcp.vertex.agent.llm_response']), /a cat/);
  assert.equal(host.traces.byEvent(events[1]!.id)?.['gen_ai.tool.name'], 'look');
});

test('an unknown session has no spans, an unknown event none', async (t) => {
  const { host } = await agentFixture(t);
  assert.deepEqual(host.traces.bySession('no'), []);
  assert.equal(host.traces.byEvent('no'), undefined);
});

test('old spans are forgotten', async (t) => {
  const { host, ask } = await agentFixture(t);
  for (let round = 0; round < 220; round++) await ask('/say hi');
  const spans = host.traces.bySession('s1');
  assert.equal(spans.length, 600);
  assert.ok(JSON.stringify(spans).length < 10_000_000);
});

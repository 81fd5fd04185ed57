import type { Connection } from './connection.ts';
import type { Compilable } from './queries.ts';
import { param, Query, queries } from './queries.ts';

/** Every query of the session store, prepared. */
export type SessionQueries = ReturnType<typeof prepareSessionQueries>;

const app = param<string>('app');
const user = param<string>('user');
const session = param<string>('session');
const key = param<number>('key');
const seq = param<number>('seq');

export function prepareSessionQueries(connection: Connection) {
  const prepare = <R>(query: Compilable<R>): Query<R> => new Query(connection, query);

  const header = queries.selectFrom('sessions').select(['key', 'app', 'user', 'session', 'created_at', 'updated_at']);
  const events = queries.selectFrom('events').select(['seq', 'body']).where('session', '=', key);
  const compactions = queries.selectFrom('compactions').selectAll().where('session', '=', key);

  return {
    find: prepare(header.where('app', '=', app).where('user', '=', user).where('session', '=', session)),
    insertSession: prepare(
      queries.insertInto('sessions').values({
        app,
        user,
        session,
        initial_state: param('state'),
        created_at: param('at'),
        updated_at: param('at'),
      }),
    ),
    initialState: prepare(queries.selectFrom('sessions').select('initial_state').where('key', '=', key)),
    touch: prepare(
      queries
        .updateTable('sessions')
        .set((e) => ({ updated_at: e.fn<number>('max', ['updated_at', e.val(param<number>('at'))]) }))
        .where('key', '=', key),
    ),
    deleteSession: prepare(queries.deleteFrom('sessions').where('key', '=', key)),

    upsertEvent: prepare(
      queries
        .insertInto('events')
        .values({
          session: key,
          id: param('id'),
          invocation: param('invocation'),
          timestamp: param('timestamp'),
          state_delta: param('delta'),
          body: param('body'),
        })
        .onConflict((conflict) =>
          conflict.columns(['session', 'id']).doUpdateSet((e) => ({
            invocation: e.ref('excluded.invocation'),
            timestamp: e.ref('excluded.timestamp'),
            state_delta: e.ref('excluded.state_delta'),
            body: e.ref('excluded.body'),
          })),
        )
        .returning('seq'),
    ),
    eventsAfter: prepare(events.where('seq', '>', seq).orderBy('seq')),
    lastEvents: prepare(events.orderBy('seq', 'desc').limit(param<number>('limit'))),
    eventsSince: prepare(events.where('timestamp', '>=', param<number>('timestamp')).orderBy('seq')),
    countEvents: prepare(
      queries
        .selectFrom('events')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('session', '=', key),
    ),
    lastSeq: prepare(
      queries
        .selectFrom('events')
        .select((e) => e.fn.max<number | null>('seq').as('seq'))
        .where('session', '=', key),
    ),
    eventSeq: prepare(
      queries.selectFrom('events').select('seq').where('session', '=', key).where('id', '=', param<string>('id')),
    ),
    invocations: prepare(
      queries
        .selectFrom('events')
        .select((e) => ['invocation', e.fn.min<number>('seq').as('first_seq')])
        .where('session', '=', key)
        .groupBy('invocation')
        .orderBy('first_seq'),
    ),
    deleteEventsFrom: prepare(queries.deleteFrom('events').where('session', '=', key).where('seq', '>=', seq)),
    deltas: prepare(
      queries
        .selectFrom('events')
        .select(['seq as after_seq', 'state_delta as delta'])
        .where('session', '=', key)
        .where('state_delta', 'is not', null)
        .$narrowType<{ delta: string }>()
        .orderBy('seq'),
    ),

    state: prepare(
      queries
        .selectFrom('state')
        .select(['user', 'session', 'name', 'value'])
        .where('app', '=', app)
        .where((e) =>
          e.or([
            e.and([e('user', '=', ''), e('session', '=', '')]),
            e.and([e('user', '=', user), e('session', '=', '')]),
            e.and([e('user', '=', user), e('session', '=', session)]),
          ]),
        ),
    ),
    setState: prepare(
      queries
        .insertInto('state')
        .values({ app, user, session, name: param('name'), value: param('value') })
        .onConflict((conflict) =>
          conflict.columns(['app', 'user', 'session', 'name']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })),
        ),
    ),
    clearState: prepare(
      queries.deleteFrom('state').where('app', '=', app).where('user', '=', user).where('session', '=', session),
    ),
    insertPatch: prepare(
      queries.insertInto('state_patches').values({ session: key, after_seq: seq, delta: param('delta') }),
    ),
    patches: prepare(
      queries.selectFrom('state_patches').select(['after_seq', 'delta']).where('session', '=', key).orderBy('id'),
    ),
    deletePatchesFrom: prepare(
      queries.deleteFrom('state_patches').where('session', '=', key).where('after_seq', '>=', seq),
    ),

    insertCompaction: prepare(
      queries
        .insertInto('compactions')
        .values({
          session: key,
          first_event: param('first'),
          last_event: param('last'),
          boundary_seq: seq,
          summary: param('summary'),
          details: param('details'),
          created_at: param('at'),
        })
        .returningAll(),
    ),
    newestCompaction: prepare(compactions.orderBy('boundary_seq', 'desc').orderBy('id', 'desc').limit(1)),
    deleteCompactionsFrom: prepare(
      queries.deleteFrom('compactions').where('session', '=', key).where('boundary_seq', '>=', seq),
    ),
    deleteArtifacts: prepare(
      queries.deleteFrom('artifacts').where('app', '=', app).where('user', '=', user).where('session', '=', session),
    ),
  };
}

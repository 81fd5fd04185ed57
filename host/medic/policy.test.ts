import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MedicEvent } from './event.ts';
import { emptyHistory, type History } from './history.ts';
import { decide } from './policy.ts';
import { now, parseEvent, parseHistory, printSteps } from './testing/shorthand.ts';

/** What is known | what happens | what is to be done. `testing/shorthand.ts` says how to read it. */
const table = `
# A build
                                         | built 0                  | start 0
                                         | built 1                  | start 1
                                         | built 1 ?                | start 1
0c*                                      | built 1                  | start 1
0c*                                      | built 1 =h0              | 1>rejected
0c*                                      | built 0                  |
0c*                                      | built 0 =h9              | start 0
0o 1c*                                   | built 0 =h9              |
0c* ban:h1                               | built 1                  | 1>rejected
0c* 1j                                   | built 2                  | start 2
0c* 1j                                   | built 1                  |
0c* 3c                                   | built 2                  |
0c 1p*(10,1,0)                           | built 2                  | start 2
0c 1p*(10,1,0)                           | built 2 =h1              | 2>rejected
0c 1p*(10,1,0)                           | built 2 =h0              | start 2
0c* ban:h1                               | built 2                  | start 2
0c* safe                                 | built 1                  | 1>rejected
0c* safe                                 | built 0 =h9              | start 0

# Proven before it serves
0b*                                      | staged 0                 | 0>staged 0>probation@0 0>committed
1b                                       | staged 1                 | 1>staged 1>probation@1
0c* 1b                                   | staged 1                 | 1>staged 1>probation@1
0c* 1b?                                  | staged 1                 | 1>staged 1>probation@1
0c* 1b!                                  | staged 1                 | 1>staged 1>rejected kill 1
0c* 1b ban:h1                            | staged 1                 | 1>staged 1>rejected kill 1
0c* 1b                                   | stage-failed 1           | 1>rejected kill 1
0c* 1b                                   | crashed 1 A              | 1>rejected kill 1
0c* 1s                                   | crashed 1 A              | 1>rejected kill 1
0c* 1b                                   | checked 1 bad            |
0c* 1b?                                  | checked 1 bad            |
0c* 1b?                                  | checked 1 ok             |
0c* 1b                                   | probed 1 bad             |
0c* 1b                                   | called 1 bad             |
0c* 1b                                   | drained 1                |
0c 1p*(10,1,0) 2b                        | staged 2                 | 2>staged 2>probation@2 1>staged
0c 1p*(10,1,0) 2b                        | stage-failed 2           | 2>rejected kill 2
0c 1p*(10,1,0) 2b                        | crashed 2 A              | 2>rejected kill 2
1p*(10,1,-) 2b                           | staged 2                 | 2>staged 2>probation@2 1>staged
0c 2p*(10,1,0) 1b                        | staged 1                 | 1>staged 1>stopped kill 1
0c 1c 2c* 3b                             | staged 3                 | 3>staged 3>probation@3
0b* 1b                                   | staged 1                 | 1>staged 1>probation@1
0c* 1j                                   | staged 1                 |
0c* 1q                                   | staged 1                 |
0c* 1o                                   | staged 1                 |
0c*                                      | staged 7                 |

# On probation
0c 1p*(29,3,0)                           | tick                     |
0c 1p*(30,3,0)                           | tick                     | 1>committed 0>draining drain 0
0c 1p*(300,3,0)                          | tick                     | 1>committed 0>draining drain 0
0c 1p*(30,2,0)                           | tick                     |
0c 1p*(29,2,0)                           | probed 1 ok              |
0c 1p*(30,2,0)                           | probed 1 ok              | 1>committed 0>draining drain 0
0c 1p*(30,1,0)                           | probed 1 ok              |
0c 1p*(300,0,0)                          | probed 1 ok              |
0c 1p*(5,0,0)                            | probed 1 bad             | 1>rolled-back@0 ban h1 1>draining drain 1
0c 1p*(30,2,0)                           | probed 1 bad             | 1>rolled-back@0 ban h1 1>draining drain 1
1p*(5,0,-)                               | probed 1 bad             | 1>rolled-back@none ban h1 1>draining drain 1
0o 1p*(5,0,0)                            | probed 1 bad             | 1>rolled-back@0 ban h1 start 0 1>draining drain 1
0c 1p?*(30,3,0)                          | tick                     |
0c 1p?*(300,3,0)                         | tick                     |
0c 1p?*(30,3,0)                          | checked 1 ok             | 1>committed 0>draining drain 0
0c 1p?*(10,1,0)                          | checked 1 ok             |
0c 1p?*(10,1,0)                          | checked 1 bad            | 1>rolled-back@0 ban h1 1>draining drain 1
0c 1p?*(30,3,0)                          | checked 1 bad            | 1>rolled-back@0 ban h1 1>draining drain 1
0c 1p*(10,1,0)                           | checked 1 bad            |
1p*(30,3,-)                              | tick                     | 1>committed
0o 1p*(30,3,0)                           | tick                     | 1>committed
0b 1p*(30,3,0)                           | tick                     | 1>committed
0c 1p*(10,1,0)%19/19                     | tick                     |
0c 1p*(10,1,0)%18/18                     | called 1 bad             |
0c 1p*(10,1,0)%19/19                     | called 1 bad             | 1>rolled-back@0 ban h1 1>draining drain 1
0c 1p*(10,1,0)%4/19                      | called 1 ok              |
0c 1p*(10,1,0)%4/19                      | called 1 bad             | 1>rolled-back@0 ban h1 1>draining drain 1
0c%30/100 1p*(10,1,0)%9/19               | called 1 bad             |
0c%30/100 1p*(10,1,0)%10/19              | called 1 bad             | 1>rolled-back@0 ban h1 1>draining drain 1
0c%100/100 1p*(30,3,0)%20/20             | tick                     | 1>committed 0>draining drain 0
0c 1p*(30,3,0)%4/20                      | tick                     | 1>committed 0>draining drain 0
0c 1p*(30,3,0)%5/20                      | tick                     | 1>rolled-back@0 ban h1 1>draining drain 1
0c 1p*(10,1,0)                           | crashed 1 A              | 1>crashed@0 ban h1 1>quarantined
0c 1p*(30,3,0)                           | crashed 1 A              | 1>crashed@0 ban h1 1>quarantined
0c 1p*(0,0,0)                            | crashed 1 A 0            | 1>crashed@0 ban h1 1>quarantined
1p*(10,1,-)                              | crashed 1 A              | 1>crashed@none ban h1 1>quarantined
0o 1p*(10,1,0)                           | crashed 1 A              | 1>crashed@0 ban h1 1>quarantined start 0
0x 1p*(10,1,0)                           | crashed 1 A              | 1>crashed@0 ban h1 1>quarantined start 0
0b 1p*(10,1,0)                           | crashed 1 A              | 1>crashed@0 ban h1 1>quarantined
0c 1p*(10,1,0)                           | crashed 0 A              | 0>crashed
0c 1c 2p*(10,1,1)                        | crashed 2 A              | 2>crashed@1 ban h2 2>quarantined
0c 1p*(10,1,0)                           | staged 1                 |
0c 1p*(10,1,0)                           | stage-failed 1           |
0c 1p*(10,1,0)                           | drained 1                |
0c 1p*(10,1,0)                           | rollback                 | 1>rolled-back@0 1>draining drain 1
0c 1c 2p*(10,1,1)                        | rollback                 | 2>rolled-back@1 2>draining drain 2
0o 1c 2p*(10,1,1)                        | rollback 0               | 2>rolled-back@0 start 0 2>draining drain 2
1p*(10,1,-)                              | rollback                 |
0c 1p*(10,1,0)                           | rollback 1               |
0c 1p*(10,1,0)                           | tick                     |
0c 1p*(11,1,0)                           | tick                     |
0c 1p*(20,3,0)                           | tick                     |

# A newer one is tried before this one is through: it stands by
0c 1s-(10,1,0) 2p*(10,1,1)               | crashed 2 A              | 2>crashed@1 ban h2 2>quarantined 1>probation@1
0c 1s-(10,1,0) 2p*(10,1,1)               | probed 2 bad             | 2>rolled-back@1 ban h2 1>probation@1 2>draining drain 2
0c 1s-(10,1,0) 2p*(30,3,1)               | tick                     | 1>stopped drain 1 2>committed 0>draining drain 0
1s-(10,1,-) 2p*(30,3,1)                  | tick                     | 1>stopped drain 1 2>committed
0c 1s-(10,1,0) 2p*(10,1,1) 3b            | staged 3                 | 3>staged 3>probation@3 1>stopped drain 1 2>staged
0c 1s-(10,1,0) 2p*(10,1,1)               | crashed 1 A              | 1>rejected kill 1
0c 1j 2p*(10,1,1)                        | crashed 2 A              | 2>crashed@0 ban h2 2>quarantined
0c 1s-?(10,1,0) 2p*(10,1,1)              | checked 1 bad            | 1>rejected kill 1
0c 1s-(10,1,0) 2p*(10,1,1)               | rollback                 | 2>rolled-back@1 1>probation@1 2>draining drain 2
0c 1s-(10,1,0) 2p*(10,1,1)               | rollback 0               | 2>rolled-back@0 2>draining drain 2
0c 1s-(10,1,0) 2p*(10,1,1)               | forbid h1                | ban h1 1>rejected kill 1
0c 1s-(10,1,0) 2p*(10,1,1)               | boot requested           | start 2
0c 1s-(10,1,0) 2p*(10,1,1)               | boot unrequested         | 2>crashed@0 ban h2 2>quarantined start 0
0c 1s-(10,1,0) 2p*(10,1,1)               | tick                     |

# The same build as the one before it
0c 1p*(10,1,0) 2b=h0                    | staged 2                 | 2>staged 2>probation@2 1>staged
0c 2p=h0*(10,1,0)                       | crashed 2 A              | 2>crashed@0 2>quarantined
0c 2p=h0*(10,1,0)                       | probed 2 bad             | 2>rolled-back@0 2>draining drain 2

# Committed
0c*                                      | crashed 0 A 5000         | 0>crashed start 0
0c*                                      | crashed 0 A 1000         | 0>crashed start 0+1000
0c*                                      | crashed 0 A 1001         | 0>crashed start 0
0c*#A10                                  | crashed 0 A 5000         | 0>crashed start 0+1000
0c*#A10                                  | crashed 0 A 500          | 0>crashed start 0+2000
0c*#A400                                 | crashed 0 A 5000         | 0>crashed start 0+1000
0c*#A400#A350                            | crashed 0 A 5000         | 0>crashed start 0+2000
0c*#A800#A700#A600#A500#A400#A350        | crashed 0 A 5000         | 0>crashed start 0+32000
0c*#A890#A880#A870#A860#A850#A840#A830#A820#A810 | crashed 0 A 5000         | 0>crashed start 0+60000
0c*#A950                                 | crashed 0 A 5000         | 0>crashed start 0
0c*#A299#A10                             | crashed 0 A 5000         | 0>crashed 0>quarantined@none ban h0
0c*#A300#A10                             | crashed 0 A 5000         | 0>crashed start 0+2000
0c*#A20#B10                              | crashed 0 C 5000         | 0>crashed 0>quarantined@none ban h0
0o 1c*#A20#A10                           | crashed 1 A              | 1>crashed 1>quarantined@0 ban h1 start 0
0o#A9 1c*#A20#A10                        | crashed 1 A              | 1>crashed 1>quarantined@none ban h1
0o 1o 2c*#A20#A10                        | crashed 2 A              | 2>crashed 2>quarantined@1 ban h2 start 1
0o 1o#A5000 2c*#A20#A10                  | crashed 2 A              | 2>crashed 2>quarantined@0 ban h2 start 0
0o 1o#B5000 2c*#A20#A10                  | crashed 2 A              | 2>crashed 2>quarantined@1 ban h2 start 1
0o 1o ban:h1 2c*#A20#A10                 | crashed 2 A              | 2>crashed 2>quarantined@0 ban h2 start 0
0o 1o=h2 2c*#A20#A10                     | crashed 2 A              | 2>crashed 2>quarantined@0 ban h2 start 0
0o 1o- 2c*#A20#A10                       | crashed 2 A              | 2>crashed 2>quarantined@0 ban h2 start 0
0o 1j 2q 3c*#A20#A10                     | crashed 3 A              | 3>crashed 3>quarantined@0 ban h3 start 0
1c*#A20#A10                              | crashed 1 A              | 1>crashed 1>quarantined@none ban h1
0d 1c*#A20#A10                           | crashed 1 A              | 1>crashed 1>quarantined@0 ban h1 start 0
0o 1c*#A20#A10 2b                        | crashed 1 A              | 1>crashed 1>quarantined@0 ban h1 start 0
0o 1c 2p*(10,1,1)                        | crashed 1 A              | 1>crashed
0c*                                      | tick                     |
0c*                                      | called 0 bad             |
0c*%50/50                                | called 0 bad             |
0c*                                      | probed 0 bad             |
0c*                                      | checked 0 bad            |
0c*                                      | staged 0                 |
0c*                                      | drained 0                |
0c*                                      | stage-failed 0           |
0o 1c*                                   | rollback                 | 1>rolled-back@0 start 0 1>draining drain 1
0o 1c*                                   | rollback 0               | 1>rolled-back@0 start 0 1>draining drain 1
0o 1o 2c*                                | rollback                 | 2>rolled-back@1 start 1 2>draining drain 2
0o 1o 2c*                                | rollback 0               | 2>rolled-back@0 start 0 2>draining drain 2
0o 1o 2c* ban:h1                         | rollback                 | 2>rolled-back@0 start 0 2>draining drain 2
0o 1o 2c* ban:h1                         | rollback 1               |
0o 1o 2c*                                | rollback 2               |
0o 1o 2c*                                | rollback 9               |
0d 1c*                                   | rollback                 | 1>rolled-back@0 start 0 1>draining drain 1
1c*                                      | rollback                 |
0o 1j 2c*                                | rollback 1               |

# Starting again
0b*                                      | crashed 0 A 0            | start 0+1000
0b*#A10                                  | crashed 0 A 0            | start 0+2000
0b*#A20#A10                              | crashed 0 A 0            | 0>rejected@none ban h0
0o 1b*+#A20#A10                          | crashed 1 A 0            | 1>rejected@0 ban h1 start 0
0o 1b*+                                  | staged 1                 | 1>staged 1>probation@1 1>committed
0o 1b*+                                  | stage-failed 1           | start 1+1000
0o 1b*+#A20#A10                          | stage-failed 1           | 1>rejected@0 ban h1 start 0
0b 1c*                                   | staged 0                 | 0>staged 0>stopped kill 0
0b 1c*                                   | crashed 0 A              | 0>rejected kill 0
0b 1c*                                   | stage-failed 0           | 0>rejected kill 0
0o 1b*+                                  | rollback                 | 1>rejected@0 kill 1 start 0
0o 1b*+ 2b                               | staged 2                 | 2>staged 2>probation@2
0o 1b+ 2p*(10,1,1)                       | staged 1                 | 1>staged 1>stopped kill 1
0o 1b*+                                  | tick                     |

# What ships and does not start: its surroundings are at fault
0b*                                      | stage-failed 0           | 0>rejected@none kill 0
0b*#A10                                  | stage-failed 0           | start 0+2000
0j                                       | boot requested           | start 0
0j ban:h0                                | boot requested           |

# A person forbids a build
0c 1c*                                   | forbid h1                | ban h1 1>rolled-back@0 1>draining drain 1
0c 1p*(10,1,0)                           | forbid h1                | ban h1 1>rolled-back@0 1>draining drain 1
1c*                                      | forbid h1                | ban h1 1>rolled-back@none 1>draining drain 1
0o 1x*                                   | forbid h1                | ban h1 1>quarantined@0 kill 1 start 0
0c* 1b                                   | forbid h1                | ban h1 1>rejected kill 1
0c* 1o                                   | forbid h1                | ban h1
0c*                                      | forbid h9                |

# Its source is gone
0o 1c*                                   | retire                   | 1>draining@0 drain 1 start 0
1c*                                      | retire                   | 1>draining@none drain 1
1c 2p*(10,1,1)                           | retire                   | 1>draining drain 1 2>draining@none drain 2
1c* 2b                                   | retire                   | 1>draining@none drain 1 2>rejected kill 2
1x*                                      | retire                   | 1>stopped@none kill 1
0c*                                      | retire                   |

# Draining and ended
0d 1c*                                   | drained 0                | 0>stopped
0d 1c*                                   | crashed 0 A              | 0>crashed 0>stopped
0d 1c*                                   | staged 0                 |
0d 1c*                                   | called 0 bad             |
0d 1c*                                   | probed 0 bad             |
0o 1c*                                   | crashed 0 A              |
0c* 1j                                   | crashed 1 A              |
0c* 1q ban:h1                            | crashed 1 A              |
0c* 1q ban:h1                            | drained 1                |
0c* 1r ban:h1                            | crashed 1 A              |
0c* 1j                                   | stage-failed 1           |
0c* 1q ban:h1                            | checked 1 bad            |
0c* 1q ban:h1                            | unquarantine h1          |
0c* 1q ban:h1                            | unquarantine h2          |
                                         | rollback                 |
                                         | tick                     |

# The host
0c*                                      | boot none                | start 0
0c*                                      | boot requested           | start 0
0c*                                      | boot unrequested         | start 0
0o 1c*                                   | boot unrequested         | start 1
0c 1p*(10,1,0)                           | boot requested           | start 1
0c 1p*(10,1,0)                           | boot none                | start 1
0c 1p*(10,1,0)                           | boot unrequested         | 1>crashed@0 ban h1 1>quarantined start 0
1p*(10,1,-)                              | boot unrequested         | 1>crashed@none ban h1 1>quarantined
0c* 1b                                   | boot requested           | start 0 start 1
0c* 1b                                   | boot unrequested         | start 0 start 1
0d 1c*                                   | boot requested           | start 1
0o 1b*+#A5                               | boot requested           | start 1
0c* 1q ban:h1                            | boot requested           | start 0
0c* 1j                                   | boot unrequested         | start 0
0c* boot-100 boot-50                     | boot unrequested 5000    | safe start 0
0c* boot-100 boot-50                     | boot unrequested 60000   | start 0
0c* boot-700 boot-50                     | boot unrequested 5000    | start 0
0c* boot-600 boot-50                     | boot unrequested 5000    | start 0
0c* boot-599 boot-50                     | boot unrequested 5000    | safe start 0
0c* boot-100 boot-50                     | boot requested 5000      | start 0
0o 1c* boot-100 boot-50                  | boot unrequested 5000    | safe start 0
1c* boot-100 boot-50                     | boot unrequested 5000    | safe
0c 1p*(10,1,0) boot-100 boot-50          | boot unrequested 5000    | safe 1>crashed@0 ban h1 1>quarantined start 0
0c 1c* safe                              | boot unrequested 5000    | start 0
0c 1c* safe                              | boot requested 5000      | start 1
1c* safe                                 | boot requested           | start 1
0b 1o* safe                              | staged 0                 | 0>staged 0>probation 0>committed
0b 1o* safe                              | crashed 0 A              | start 0
0c 1o* safe                              | crashed 0 A              | 0>crashed start 0
0c 1o* safe                              | rollback                 |
0b#A20#A10 1o* safe                      | crashed 0 A              | 0>rejected ban h0

# Probes are run, and what the host had interrupted goes on
0c 1p*(9,0,0,9)                          | tick                     |
0c 1p*(10,0,0,10)                        | tick                     | probe 1
0c 1p*(20,1,0,10)                        | tick                     | probe 1
0c 1p*(40,2,0,10)                        | tick                     | probe 1
0c 1p*(20,3,0,20)                        | tick                     |
0c 1p?*(40,3,0,20)                       | tick                     |
0c*                                      | tick                     |
0o 1b*-(10,2,0)                          | staged 1                 | 1>staged 1>probation@1
0o 1b*-(10,2,0)                          | crashed 1 A              | 1>rejected@0 kill 1 ban h1 start 0
0o 1b*-(10,2,0)                          | stage-failed 1           | 1>rejected@0 kill 1 ban h1 start 0
1b*-(10,2,-)                             | crashed 1 A              | 1>rejected@none kill 1 ban h1
0o 1b*-(10,2,0)?                         | checked 1 bad            |
0o 1b*-(10,2,0)!                         | staged 1                 | 1>staged 1>rejected@0 kill 1 ban h1 start 0
0o 1b*-(10,2,0)                          | tick                     |
0o 1b*-(10,2,0)                          | rollback                 | 1>rejected@0 kill 1 start 0
0q ban:h0                                | unquarantine h0          | start 0
0q+ 1q- ban:h0 ban:h1                    | unquarantine h1          |
0o 1q+ ban:h0 ban:h1                     | unquarantine h1          | start 1
0c* 1q+ ban:h1                           | unquarantine h1          |
`;

let section = '';
for (const line of table.split('\n')) {
  if (line.startsWith('# ')) section = line.slice(2);
  if (!line.includes('|')) continue;
  const [known = '', event = '', steps = ''] = line.split('|').map((part) => part.trim());
  test(`${section}: ${known || 'nothing'}, ${event}: ${steps || 'nothing'}`, () => {
    const decision = decide(parseHistory(known), parseEvent(event), now);
    assert.equal(printSteps(decision.steps), steps);
    const isTold = decision.steps.some((step) => step.do === 'tell');
    const isBad = decision.steps.some(
      (step) => step.do === 'quarantine' || (step.do === 'move' && step.to === 'rejected'),
    );
    // A person who takes something back knows it already.
    if (isBad && !event.startsWith('rollback')) assert.ok(isTold, 'its author has to know');
  });
}

/** Plays events one after the other: `SECONDS PLUGIN: EVENT` gives what was done. */
function play(start: History, events: readonly (readonly [number, string])[]): readonly string[] {
  let history = start;
  return events.map(([second, text]) => {
    const [plugin = '', event = ''] = text.split(': ');
    const at = now + second * 1_000;
    const parsed = parseEvent(event, plugin);
    const timed: MedicEvent = parsed.type === 'boot' ? { ...parsed, diedAt: at } : parsed;
    const decision = decide(history, timed, at);
    history = decision.history;
    return printSteps(decision.steps);
  });
}

test('a good generation goes from its build to its commit in 30 seconds, and the old one ends', () => {
  const done = play(parseHistory('0c*'), [
    [0, 'x: built 1'],
    [1, 'x: staged 1'],
    [10, 'x: tick'],
    [11, 'x: tick'],
    [11, 'x: probed 1 ok'],
    [21, 'x: tick'],
    [21, 'x: probed 1 ok'],
    [30, 'x: tick'],
    [31, 'x: tick'],
    [31, 'x: probed 1 ok'],
    [35, 'x: drained 0'],
  ]);
  assert.deepEqual(done, [
    'start 1',
    '1>staged 1>probation@1',
    '',
    'probe 1',
    '',
    'probe 1',
    '',
    '',
    'probe 1',
    '1>committed 0>draining drain 0',
    '0>stopped',
  ]);
});

test('a probation goes on after a requested restart: the time without a host does not count', () => {
  const done = play(parseHistory('0c* 1b'), [
    [0, 'x: staged 1'],
    [10, 'x: probed 1 ok'],
    [19, 'x: probed 1 ok'],
    [20, 'x: boot requested'],
    [500, 'x: staged 1'],
    [505, 'x: probed 1 ok'],
    [509, 'x: tick'],
    [510, 'x: tick'],
  ]);
  assert.deepEqual(done.slice(3), ['start 1', '1>staged 1>probation@1', '', '', '1>committed']);
});

test('of several on probation when the host dies each is tried again alone, and only the guilty one is quarantined', () => {
  const plugins = Object.assign({}, ...['a', 'b', 'c'].map((name) => parseHistory('0c* 1b', name).plugins));
  const done = play({ ...emptyHistory, plugins }, [
    [0, 'a: staged 1'],
    [0, 'b: staged 1'],
    [0, 'c: staged 1'],
    [5, 'x: boot unrequested'],
    [6, 'a: staged 0'],
    [6, 'a: staged 1'],
    [7, 'x: tick'],
    ...[17, 27, 37].map((second) => [second, 'a: probed 1 ok'] as const),
    [38, 'b: staged 1'],
    [40, 'x: boot unrequested'],
    [41, 'c: staged 1'],
    ...[51, 61, 71].map((second) => [second, 'c: probed 1 ok'] as const),
  ]);
  assert.deepEqual(done, [
    '1>staged 1>probation@1',
    '1>staged 1>probation@1',
    '1>staged 1>probation@1',
    // In the order of the plugins: all fall back, their old generations start, and the first is tried again.
    '1>crashed@0 1>crashed@0 1>crashed@0 start 0 start 0 start 0 start 1',
    '0>staged 0>probation@0 0>committed',
    '1>staged 1>probation@1',
    '',
    'probe 1',
    'probe 1',
    // The commit of the first lets the next begin.
    '1>committed 0>draining drain 0 start 1',
    '1>staged 1>probation@1',
    '1>crashed@0 ban h1 1>quarantined start 1 start 0 start 0 start 1',
    '1>staged 1>probation@1',
    'probe 1',
    'probe 1',
    '1>committed',
  ]);
});

test('a suspect that was saved anew meanwhile is not tried again', () => {
  const plugins = Object.assign({}, ...['a', 'b'].map((name) => parseHistory('0c* 1b', name).plugins));
  const done = play({ ...emptyHistory, plugins }, [
    [0, 'a: staged 1'],
    [0, 'b: staged 1'],
    [5, 'x: boot unrequested'],
    [6, 'b: built 2'],
    [7, 'b: staged 2'],
    [8, 'a: crashed 1 A'],
    [40, 'b: probed 2 bad'],
  ]);
  assert.deepEqual(done.slice(2), [
    '1>crashed@0 1>crashed@0 start 0 start 0 start 1',
    'start 2',
    '2>staged 2>probation@2',
    '1>rejected kill 1',
    '2>rolled-back@0 ban h2 2>draining drain 2',
  ]);
});

test('three failed boots lead to safe mode, and a person’s restart out of it', () => {
  const history = parseHistory('0o 1c* 2b');
  const done = play(history, [
    [0, 'x: boot unrequested 5000'],
    [10, 'x: boot unrequested 5000'],
    [20, 'x: boot unrequested 5000'],
    [21, 'x: staged 0'],
    [30, 'x: built 3'],
    [40, 'x: boot unrequested 5000'],
    [60, 'x: boot requested'],
  ]);
  assert.deepEqual(done, [
    'start 1 start 2',
    'start 1 start 2',
    'safe start 0',
    '0>staged 0>probation 0>committed',
    '3>rejected',
    'start 0',
    'start 1',
  ]);
});

test('a crash loop ends at the newest generation that is not known for this fault', () => {
  const done = play(parseHistory('0o 1o#A90000 2o 3c*'), [
    [0, 'x: crashed 3 A 5000'],
    [1, 'x: staged 3'],
    [2, 'x: crashed 3 A 500'],
    [4, 'x: crashed 3 A 0'],
    [5, 'x: staged 2'],
    [6, 'x: built 4 =h3'],
    [7, 'x: built 5'],
  ]);
  assert.deepEqual(done, [
    '3>crashed start 3',
    '3>staged 3>probation@3 3>committed',
    '3>crashed start 3+2000',
    '3>rejected@2 ban h3 start 2',
    '2>staged 2>probation@2 2>committed',
    '4>rejected',
    'start 5',
  ]);
});

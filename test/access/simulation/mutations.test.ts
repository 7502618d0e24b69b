import { checkMutations } from './mutations';
test('x', () => { const r = checkMutations(); require('fs').writeFileSync('/tmp/mut.txt', `${r.documents} ${r.mutants}\n` + r.survivors.map(s => [s.layer, s.document, s.statement, s.removed, s.scenarios.join('+')].join(' | ')).join('\n')); });

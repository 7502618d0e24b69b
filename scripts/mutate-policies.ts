/**
 * Removes each statement, and each condition of each statement, from the documents that the access matrix is evaluated on, one at a time,
 * and says by which of them no row turns red.
 *
 * Usage: npx tsx scripts/mutate-policies.ts
 */
import { checkMutations, reasonFor } from '../test/access/simulation/mutations';

const { documents, mutants, survivors } = checkMutations();
const unexplained = survivors.filter(survivor => reasonFor(survivor) === undefined);
for (const survivor of survivors) {
  const { layer, document, statement, removed, scenarios } = survivor;
  console.log(`${layer}: ${document} of ${scenarios.join(', ')}\n  ${statement} without ${removed}: ${reasonFor(survivor) ?? 'NO ROW TURNS RED'}`);
}
console.log(`${documents} documents, ${mutants} mutants, ${survivors.length} survive, ${unexplained.length} of them without a reason`);
process.exitCode = unexplained.length === 0 ? 0 : 1;

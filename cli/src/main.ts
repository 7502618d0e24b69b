import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { demoCommand } from './commands/demo';
import { pricesCommand } from './commands/prices';
import { queryCommand } from './commands/query';
import { reportCommand } from './commands/report';
import { schemaCommand } from './commands/schema';
import { UsageError } from './usage-error';

/** The command line, not yet run: commands throw instead of ending the process. */
export function program(): Command {
  const bca = new Command('bca')
    .description('Who spent what on Amazon Bedrock: from the bill and the invocation logs, on one machine.')
    .version((JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }).version);
  for (const command of [demoCommand(), reportCommand(), queryCommand(), schemaCommand(), pricesCommand()]) bca.addCommand(command);
  return throwing(bca);
}

/** Errors come back as exceptions, each with a hint at the help of the command that was meant. */
function throwing(command: Command): Command {
  command.exitOverride();
  command.showHelpAfterError('(add --help to see what there is)');
  command.commands.forEach(throwing);
  return command;
}

/** Runs the command line and answers with its exit code: 0 fine, 1 checked and refused, 2 asked wrongly. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`bca: ${error.message}\n`);
    return error.exitCode;
  }
}

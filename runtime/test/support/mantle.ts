import { type Answer, jsonAnswer, Refusal } from './answer';
import { anthropicEvents, anthropicMessage } from './anthropic-messages';
import { serverSentEvent } from './event-stream';
import type { ModelOutput } from './model-output';
import { chatCompletions, responses, serverSentEvents } from './openai';
import type { RecordedRequest } from './recorded-request';

/** A project of bedrock-mantle. */
export interface MantleProject {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'archived';
  readonly tags: Readonly<Record<string, string>>;
}

/** The project of all requests that name none. */
export const DEFAULT_PROJECT: MantleProject = { id: 'default', name: 'default', status: 'active', tags: {} };

const CREATED = 1_770_000_000;
const PROJECTS_A_PAGE = 20;

/**
 * Answers of bedrock-mantle. Inference is answered whatever project a header names, also one that does not exist.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/projects.html
 */
export function answerMantle(request: RecordedRequest, output: ModelOutput, projects: ReadonlyMap<string, MantleProject>): Answer {
  const input = request.json ?? {};
  switch (request.operation) {
    case 'GetProject': return getProject(decodeURIComponent(request.path.split('?')[0].split('/').at(-1)!), projects);
    case 'ListProjects': return listProjects(new URL(request.path, 'http://mantle').searchParams, [...projects.values()]);
    case 'ChatCompletions': return chatCompletions(input, output);
    case 'Responses': return responses(input, output);
    case 'Messages': return input.stream === true
      ? serverSentEvents(anthropicEvents(String(input.model), output).map(event => serverSentEvent(event, event.type)))
      : jsonAnswer(anthropicMessage(String(input.model), output));
    default: throw new Refusal('not_found_error', `${request.method} ${request.path} is not played by this endpoint`, 404);
  }
}

function getProject(id: string, projects: ReadonlyMap<string, MantleProject>): Answer {
  const project = projects.get(id);
  if (project === undefined) throw new Refusal('not_found_error', `Project ${id} not found`, 404);
  return jsonAnswer(describe(project));
}

function listProjects(query: URLSearchParams, all: readonly MantleProject[]): Answer {
  const listed = all.filter(({ status }) => status === 'active' || query.get('include_archived') === 'true');
  const after = query.get('after');
  const start = after === null ? 0 : listed.findIndex(({ id }) => id === after) + 1;
  const data = listed.slice(start, start + Number(query.get('limit') ?? PROJECTS_A_PAGE));
  return jsonAnswer({
    object: 'list',
    data: data.map(describe),
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + data.length < listed.length,
  });
}

function describe({ id, name, status, tags }: MantleProject): object {
  return {
    object: 'organization.project',
    id,
    arn: `arn:aws:bedrock-mantle:us-east-1:111122223333:project/${id}`,
    name,
    status,
    created_at: CREATED,
    archived_at: status === 'archived' ? CREATED + 1 : null,
    tags,
  };
}

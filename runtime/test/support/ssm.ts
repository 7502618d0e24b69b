import { type Answer, Refusal } from './answer';
import type { Fields, RecordedRequest } from './recorded-request';

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
const MOST_PARAMETERS_A_PAGE = 10;

/** Answers of Systems Manager: parameters by name and by path. */
export function answerSsm({ operation, json: input = {} }: RecordedRequest, parameters: ReadonlyMap<string, string>): Answer {
  switch (operation) {
    case 'GetParameter': return jsonAnswer11({ Parameter: getParameter(String(input.Name), parameters) });
    case 'GetParameters': return getParameters(input.Names as string[], parameters);
    case 'GetParametersByPath': return getParametersByPath(input, parameters);
    default: throw new Refusal('UnknownOperationException', `${operation} is not played by this endpoint`);
  }
}

function getParameter(nameOrArn: string, parameters: ReadonlyMap<string, string>): object {
  const name = nameOrArn.replace(/^arn:[^/]+:parameter/, '');
  if (!parameters.has(name)) throw new Refusal('ParameterNotFound', '');
  return describe(name, parameters);
}

function getParameters(names: readonly string[], parameters: ReadonlyMap<string, string>): Answer {
  if (names.length > MOST_PARAMETERS_A_PAGE) throw tooMany('names');
  return jsonAnswer11({
    Parameters: names.filter(name => parameters.has(name)).map(name => describe(name, parameters)),
    InvalidParameters: names.filter(name => !parameters.has(name)),
  });
}

function getParametersByPath({ Path, Recursive, MaxResults, NextToken }: Fields, parameters: ReadonlyMap<string, string>): Answer {
  const page = Number(MaxResults ?? MOST_PARAMETERS_A_PAGE);
  if (page > MOST_PARAMETERS_A_PAGE) throw tooMany('maxResults');
  const path = `${String(Path).replace(/\/$/, '')}/`;
  const names = [...parameters.keys()].sort()
    .filter(name => name.startsWith(path) && (Recursive === true || !name.slice(path.length).includes('/')));
  const start = Number(NextToken ?? 0);
  const end = start + page;
  return jsonAnswer11({
    Parameters: names.slice(start, end).map(name => describe(name, parameters)),
    ...end < names.length ? { NextToken: String(end) } : {},
  });
}

function describe(name: string, parameters: ReadonlyMap<string, string>): object {
  return {
    Name: name,
    Type: 'String',
    Value: parameters.get(name),
    Version: 1,
    LastModifiedDate: 1_770_000_000,
    ARN: `arn:aws:ssm:us-east-1:111122223333:parameter${name}`,
    DataType: 'text',
  };
}

function tooMany(member: string): Refusal {
  return new Refusal('ValidationException', `1 validation error detected: Value at '${member}' failed to satisfy constraint: `
    + `Member must be less than or equal to ${MOST_PARAMETERS_A_PAGE}`);
}

function jsonAnswer11(body: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

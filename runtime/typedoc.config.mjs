// The reference of the client in Markdown, one folder for each entry: everything that is exported has to be documented.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default {
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: Object.keys(exports).filter(name => name !== './package.json').map(name => join('src', name, 'index.ts')),
  tsconfig: 'tsconfig.json',
  out: 'docs-api',
  readme: 'none',
  excludePrivate: true,
  disableSources: true,
  outputFileStrategy: 'modules',
  hidePageHeader: true,
  requiredToBeDocumented: ['Class', 'Interface', 'Function', 'Method', 'Property', 'Accessor', 'TypeAlias', 'Variable', 'Enum', 'EnumMember'],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  // what types of the reference are made of, which shows where they are used
  intentionallyNotExported: ['AnyStack', 'FetchInput', 'KeyIn', 'ProjectFetchOptions', 'RequiredNameOf', 'SessionEvent', 'ValueOf', 'Values'],
  // members of unions, whose types say what each of them is
  intentionallyNotDocumented: [
    'tenants.TenantEvent.__type.type', 'tenants.TenantEvent.__type.problems', 'langchain.LangChainModel.client.__type.middlewareStack',
    'mantle.BedrockAuth.__type.bearerToken', 'mantle.BedrockAuth.__type.credentials',
  ],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};

export { attributeLangChain, type LangChainModel } from './attribute-lang-chain';

export { compileResolver } from './resolvers/compile.ts'
export { EarlyReturn, ResolverError } from './runtime/invocation.ts'

/**
 * `hansard/testing`: conformance suites for plugin authors. Each `…Checks` gives the promises of one port as checks,
 * which `registerChecks` hands to vitest, node:test or the like, and `runChecks` runs without any.
 */
export { type Check, type CheckResult, registerChecks, runChecks, type TestFunction } from './check.ts'
export { constitutionsChecks, type ConstitutionsSubject } from './constitutions-checks.ts'
export { assertGolden } from './golden.ts'
export { modelChecks, type ModelSubject } from './model-checks.ts'
export { pluginChecks, type PluginSubject, testHost } from './plugin-checks.ts'
export { promptsChecks, type PromptsSubject } from './prompts-checks.ts'
export type { RlSubject } from './rl-checks.ts'
export { scorerChecks, type ScorerSubject } from './scorer-checks.ts'
export { trainerChecks, type TrainerSubject } from './trainer-checks.ts'

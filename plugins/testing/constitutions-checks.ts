import assert from 'node:assert/strict'
import type { Constitution } from '../api.ts'
import { checkConstitution } from '../constitutions/load.ts'
import { type Check, once } from './check.ts'

export interface ConstitutionsSubject {
  readonly open: () => Promise<readonly Constitution[]>
  /** Texts that every principle must have, as the model that will read them needs. */
  readonly fields?: readonly ('critique' | 'revision' | 'preference')[]
}

/** The promises of the port for constitutions. */
export function constitutionsChecks({ open: opened, fields = [] }: ConstitutionsSubject): readonly Check[] {
  const open = once(opened)
  return [
    {
      name: 'every constitution is one: a name, a version, principles with keys of their own',
      run: async () => {
        const constitutions = await open()
        assert.ok(constitutions.length > 0, 'there is none')
        for (const one of constitutions) checkConstitution(one, 'under test')
        const names = constitutions.map(({ name, version }) => `${name} ${version}`)
        assert.equal(new Set(names).size, names.length, 'two constitutions have the same name and version')
      },
    },
    {
      name: 'every principle has the texts that are needed',
      ...(fields.length === 0 ? { skip: 'no field is named' } : {}),
      run: async () => {
        for (const { name, principles } of await open()) {
          for (const principle of principles) {
            for (const field of fields)
              assert.ok(principle[field], `${name}: ${principle.key} has no ${field}`)
          }
        }
      },
    },
  ]
}

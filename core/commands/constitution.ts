import { resolve } from 'node:path'
import { recordEvent } from '../../events/identity.ts'
import { principleDefined } from '../../events/vocabulary/governance.ts'
import type { Constitution, Principle } from '../../plugins/api.ts'
import {
  readConstitution,
  shippedConstitutions,
  typedConstitution,
} from '../../plugins/constitutions/load.ts'
import { constitutionListPage, constitutionPage } from '../../tui/constitution-page.ts'
import { hintLines } from '../../tui/hints.ts'
import type { Session } from '../session.ts'
import { principleStatement } from '../stages/publish.ts'

/** The id that a principle’s definition has in every record: it depends on its key and wording alone. */
const principleId = (principle: Principle): string =>
  recordEvent(principleDefined, principleStatement(principle)).id

const withIds = (constitution: Constitution) => ({
  ...constitution,
  principles: constitution.principles.map((principle) => ({ ...principle, id: principleId(principle) })),
})

export const list = async (session: Session): Promise<number> => {
  const names = await shippedConstitutions()
  const constitutions = await Promise.all(
    names.map(async (name) => withIds(await typedConstitution(name, process.cwd()))),
  )
  if (session.json) {
    session.answer({
      constitutions: constitutions.map(({ name, version, principles }) => ({
        name,
        version,
        principles: principles.map(({ key, id }) => ({ key, id })),
      })),
    })
  } else session.page(constitutionListPage(constitutions, session.frame))
  return 0
}

export const show = async (session: Session, nameOrFile: string): Promise<number> => {
  const constitution = withIds(await typedConstitution(nameOrFile, process.cwd()))
  if (session.json) session.answer({ constitution })
  else session.page(constitutionPage(constitution, session.frame))
  return 0
}

export const check = async (session: Session, file: string): Promise<number> => {
  const constitution = withIds(await readConstitution(resolve(file)))
  session.page([
    `${session.frame.paint.good('fine')}: ${constitution.name} ${constitution.version} has ${constitution.principles.length} principles.`,
    ...hintLines([`run --constitution ${file}`], session.frame),
  ])
  return 0
}

/** The shape that every event has, whatever its type: checked by hand, since it is read millions of times. */

const hex64 = /^[0-9a-f]{64}$/
const roleShape = /^[a-z][a-z0-9_]{0,63}$/
const typeShape = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$/

/** The longest plugin name, subject and type, in UTF-16 code units. */
const maxNameLength = 200
/** Seeds run from 0 to 2³¹−2: every server accepts them as a 32-bit integer. */
const maxSeed = 0x7fff_fffe

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= maxNameLength
const isDigest = (value: unknown): value is string => typeof value === 'string' && hex64.test(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Whether an object has exactly so many keys; with each of them checked by name, no other can be there. */
const hasKeys = (value: Fields, count: number): boolean => Object.keys(value).length === count

const problemOfBy = (by: unknown): string | undefined => {
  if (!isObject(by) || !hasKeys(by, 2) || !isName(by['plugin'])) return 'by is not {plugin, behaviour}'
  return isDigest(by['behaviour']) ? undefined : 'by.behaviour is not a sha-256'
}

const problemOfParents = (parents: unknown): string | undefined => {
  if (!Array.isArray(parents)) return 'parents is not a list'
  let before = ''
  for (const [index, parent] of (parents as readonly unknown[]).entries()) {
    if (!isObject(parent) || !hasKeys(parent, 2)) return `parents.${index} is not {role, id}`
    const { role, id } = parent
    if (typeof role !== 'string' || !roleShape.test(role))
      return `parents.${index}.role is not a lower-case word`
    if (!isDigest(id)) return `parents.${index}.id is not a sha-256`
    if (role < before) return `parents.${index} is not sorted by its role`
    before = role
  }
  return undefined
}

const problemOfDraw = (draw: unknown): string | undefined => {
  if (!isObject(draw)) return 'draw is not {subject, round, i, seed?}'
  const seeded = 'seed' in draw
  if (!hasKeys(draw, seeded ? 4 : 3) || !isName(draw['subject']))
    return 'draw is not {subject, round, i, seed?}'
  if (!isCount(draw['round'])) return 'draw.round is not a count'
  if (!isCount(draw['i'])) return 'draw.i is not a count'
  if (seeded && !(isCount(draw['seed']) && draw['seed'] <= maxSeed)) return 'draw.seed is not in 0 … 2³¹−2'
  return undefined
}

/** What is wrong with the shape of a question, as the end of a sentence; undefined where nothing is. */
export const problemOfQuestion = (question: Fields): string | undefined => {
  const { type } = question
  if (!isName(type) || !typeShape.test(type)) return 'type is not of the form noun.verb'
  return (
    problemOfBy(question['by']) ??
    (isObject(question['params']) ? undefined : 'params is not an object') ??
    problemOfParents(question['parents']) ??
    problemOfDraw(question['draw'])
  )
}

/** What is wrong with the shape of an event. Its type's own schema comes after. */
export const problemOfEvent = (event: unknown): string | undefined => {
  if (!isObject(event) || !hasKeys(event, 7)) return 'it is not {type, v, by, params, parents, draw, out}'
  if (!isCount(event['v']) || event['v'] === 0) return 'v is not a positive integer'
  const problem = problemOfQuestion(event)
  if (problem !== undefined) return problem
  const { out } = event
  if (!isObject(out)) return 'out is not an object'
  if (out['status'] === 'ok') return undefined
  if (out['status'] !== 'failed') return 'out.status is neither ok nor failed'
  return typeof out['reason'] === 'string' ? undefined : 'out.reason is missing'
}

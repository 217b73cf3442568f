/**
 * A lint rule for code whose results are hashed. ECMAScript fixes what the four operations, `%` and the functions below
 * give to the last bit; it leaves `Math.exp` and its kin, and `**`, to the engine, so two machines may differ. Whoever
 * needs them there takes them from `events/exact-math.ts`. `Math.random` is never right: seeds come from places.
 */
const exact = new Set(
  (
    'abs ceil clz32 floor fround imul max min round sign sqrt trunc ' +
    'E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2'
  ).split(' '),
)

/** The name of the member that is read, where it stands in the source. */
const memberName = (node) => {
  if (!node.computed) return node.property.name
  return node.property.type === 'Literal' ? String(node.property.value) : undefined
}

const exactArithmetic = {
  meta: { type: 'problem', docs: { description: 'no arithmetic whose last bit an engine may choose' } },
  create(context) {
    const refuse = (node, what) =>
      context.report({
        node,
        message: `${what} may differ between engines: take it from events/exact-math.ts.`,
      })
    const power = (node) => {
      if (node.operator === '**' || node.operator === '**=') refuse(node, `\`${node.operator}\``)
    }
    return {
      BinaryExpression: power,
      AssignmentExpression: power,
      Identifier(node) {
        if (node.name !== 'Math') return
        const { parent } = node
        const reads = parent?.type === 'MemberExpression' && parent.object === node
        const names = parent?.type === 'MemberExpression' && parent.property === node && !parent.computed
        if (names && parent.object.name !== 'globalThis') return
        const access = names ? parent.parent : parent
        const read = reads || (names && access?.type === 'MemberExpression' && access.object === parent)
        const name = read ? memberName(access) : undefined
        if (name === undefined) refuse(node, '`Math`, under another name,')
        else if (!exact.has(name)) refuse(access, `\`Math.${name}\``)
      },
    }
  },
}

export default { meta: { name: 'hansard' }, rules: { 'exact-arithmetic': exactArithmetic } }

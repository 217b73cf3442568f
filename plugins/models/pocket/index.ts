import * as z from 'zod'
import { apiVersion, type Plugin, type PluginHost, type Provided } from '../../api.ts'
import { openModel } from './model.ts'
import { pocketPrompts } from './prompts.ts'
import { pocketScorer } from './scorer.ts'
import { openTrainer } from './trainer.ts'

const options = z.strictObject({
  kind: z
    .enum(['mischief', 'benign', 'items'])
    .default('mischief')
    .describe('which rows, as a source of prompts'),
  split: z.enum(['train', 'held_out']).default('train'),
  count: z.int().min(1).max(1_000_000).default(1200),
  seed: z.int().min(0).max(1_000_000).default(0).describe('of the rows that are drawn'),
})

type Options = z.infer<typeof options>

/** The embedded model, its trainer, its world's requests and its rules: everything a run needs, without a download. */
const pocket: Plugin = {
  manifest: {
    name: 'pocket',
    version: '1.0.0',
    api: apiVersion,
    provides: ['model', 'trainer', 'prompts', 'scorer'],
  },
  options,
  async open(port, given: Options, host: PluginHost): Promise<Provided> {
    switch (port) {
      case 'model':
        return { model: openModel(host) }
      case 'trainer':
        return { trainer: openTrainer(host) }
      case 'prompts':
        return { prompts: pocketPrompts(given) }
      case 'scorer':
        return { scorer: pocketScorer }
      default:
        return {}
    }
  },
}

export default pocket

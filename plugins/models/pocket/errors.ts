import { HansardError } from '../../../events/errors.ts'

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text)

/** A word that the pocket model does not know, with those it knows that look most like it. */
export class UnknownWord extends HansardError {
  readonly word: string
  readonly nearest: readonly string[]

  constructor(word: string, text: string, nearest: readonly string[], where?: string) {
    super(
      'pocket_unknown_word',
      `${where === undefined ? '' : `${where}: `}the pocket model does not know the word “${shortened(word)}” in “${shortened(text)}”`,
      { exit: 2, mend: `it reads 307 words; the nearest are ${nearest.join(', ')}` },
    )
    this.word = word
    this.nearest = nearest
  }

  /** The same error with the place of the text before it. */
  at(where: string, text: string): UnknownWord {
    return new UnknownWord(this.word, text, this.nearest, where)
  }
}

/** A text to train on that is longer than the model can read. */
export class TextTooLong extends HansardError {
  constructor(tokens: number, limit: number, text: string) {
    super(
      'pocket_text_too_long',
      `a text of ${tokens} words and marks does not fit into the pocket model’s ${limit}: “${shortened(text)}”`,
      { exit: 2, mend: 'shorten it, or leave it out' },
    )
  }
}

/** Weights that are none, or not this model's. */
export class BrokenTensors extends HansardError {
  constructor(why: string, cause?: unknown) {
    super('pocket_broken_weights', `these bytes are not weights of the pocket model: ${why}`, {
      exit: 3,
      mend: 'copy the file from a backup, or install the package again',
      cause,
    })
  }
}

export class MissingDataFile extends HansardError {
  constructor(name: string) {
    super('pocket_file_missing', `the pocket model’s file ${name} is missing`, {
      exit: 1,
      mend: 'install the package again',
    })
  }
}

/** A thread ended while the model was in use. */
export class ThreadLost extends HansardError {
  constructor(why: string, cause?: unknown) {
    super('pocket_thread_lost', `a worker thread of the pocket model failed: ${why}`, {
      exit: 1,
      mend: 'what was recorded stays; start the same command again',
      cause,
    })
  }
}

/** A reward that no policy can be trained on. */
export class NoReward extends HansardError {
  constructor(step: number, item: string) {
    super('pocket_no_reward', `step ${step}: the reward of rollout ${item} is not a finite number`, {
      exit: 1,
      mend: 'look at the preference model’s fit; the steps before this one stay recorded',
    })
  }
}

/** A setting that the trainer does not have, or a value that it cannot use. */
export class InvalidSetting extends HansardError {
  constructor(method: string, problem: string) {
    super('pocket_setting', `trainer settings for ${method}: ${problem}`, {
      exit: 2,
      mend: 'mend them in the run file',
    })
  }
}

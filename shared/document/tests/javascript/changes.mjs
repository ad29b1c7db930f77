// Writes changes.txt: what a client in JavaScript makes of a work order and a comment on it, by what
// docs/protocol.md says in section 10 and nothing else. With a folder that has
// @automerge/automerge 3.5.0 in its node_modules:
//
//     cp changes.mjs FOLDER && node FOLDER/changes.mjs > changes.txt
import * as Automerge from "@automerge/automerge"
import { inflateRawSync } from "node:zlib"

const bytes = hex => Uint8Array.from(Buffer.from(hex, "hex"))
const str = text => new Automerge.ImmutableString(text)
const begin = (genesis, actorHex) => Automerge.applyChanges(Automerge.init(actorHex), [genesis])[0]
const act = (doc, operation, wall, write) => Automerge.change(doc, { message: operation, time: wall }, write)

function plain(chunk) {
  if (chunk[8] !== 2) return chunk
  let end = 9
  while (chunk[end] & 0x80) end++
  const content = inflateRawSync(chunk.subarray(end + 1))
  const length = []
  for (let left = content.length; ; ) {
    const low = left & 0x7f
    left >>>= 7
    length.push(left ? low | 0x80 : low)
    if (!left) break
  }
  return Uint8Array.from([...chunk.subarray(0, 8), 1, ...length, ...content])
}

const WALL = 1495700000000
const ACTOR = "0000000000000000000000000000ac01"
const AUTHOR = "00000000-0000-0000-0000-0000000000a1"
const COLLEAGUE = "00000000-0000-0000-0000-0000000000a4"
const ORDER = "00000000-0000-0000-0000-000000000005"
const operation = number => `0a0a0a0a-0a0a-7a0a-8a0a-0a0a0a0a0a0${number}`

// Both have this id; the bytes are those of section 8 and of golden.rs.
const genesisOfOrder = bytes(
  "856f4a83869573f401360010cef43541a5898f8f9755186eeb6860a0010100000005150d34014202560270027f0b6465736372697074696f6e017f047f007f00")
const genesisOfComment = bytes("856f4a8302460cc101180010b0bc90ec049081e98c5d79741e996931010100000000")

function tell(name, doc) {
  const change = plain(Automerge.getLastLocalChange(doc))
  console.log(`${name} ${Buffer.from(change).toString("hex")}`)
  return doc
}

// What a plain string makes of the title: the gate refuses it.
tell("unwrapped", act(begin(genesisOfOrder, ACTOR), operation(1), WALL, d => {
  d.title = "Lâmpada"
  Automerge.updateText(d, ["description"], "Avariada 💧 no quarto")
  d.priority = str("p2")
  d.reported_by = str(AUTHOR)
  d.reported_at = new Date(WALL)
}))

let order = begin(genesisOfOrder, ACTOR)
order = tell("created", act(order, operation(1), WALL, d => {
  d.title = str("Lâmpada")
  Automerge.updateText(d, ["description"], "Avariada 💧 no quarto")
  d.priority = str("p2")
  d.reported_by = str(AUTHOR)
  d.reported_at = new Date(WALL)
}))
order = tell("edited", act(order, operation(2), WALL, d => {
  Automerge.updateText(d, ["description"], "Lâmpada avariada no quarto")
  d.status = str("acknowledged")
  d.assignee = str(COLLEAGUE)
}))
order = tell("emptied", act(order, operation(3), WALL, d => {
  d.assignee = null
}))
order = tell("long", act(order, operation(4), WALL, d => {
  Automerge.updateText(d, ["description"], "Lâmpada avariada. ".repeat(40).trim())
}))

let comment = begin(genesisOfComment, ACTOR)
comment = tell("commented", act(comment, operation(5), WALL, d => {
  d.subject = str(ORDER)
  d.text = str("Já vou.")
  d.author = str(AUTHOR)
  d.written_at = new Date(WALL)
}))
comment = tell("withdrawn", act(comment, operation(6), WALL, d => {
  d.withdrawn = true
}))

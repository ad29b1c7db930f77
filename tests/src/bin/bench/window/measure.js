// Measures in the page. Each function does one thing once and says how long it took.

// Those on the page: of the rooms out of sight there are none.
const tiles = () => [...document.querySelectorAll('.tile')];

const board = () => document.querySelector('.board .scroller');

// How many rooms the filter leaves, as the groups say.
const left = () => [...document.querySelectorAll('.group header p')]
  .reduce((sum, count) => sum + parseInt(count.textContent), 0);

// After whatever waits at the moment, and what follows from it without a pause.
const turn = () => new Promise(done => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done();
  channel.port2.postMessage(null);
});

// After the next frame is painted.
const frameOver = () => new Promise(done => requestAnimationFrame(() => turn().then(done)));

// Does something, and waits until it is so, laid out, and painted.
const measured = async (act, isSo) => {
  await frameOver();
  await frameOver();
  const begun = performance.now();
  act();
  do await turn(); while (!isSo());
  document.body.getBoundingClientRect();
  const worked = performance.now() - begun;
  await frameOver();
  return {worked, painted: performance.now() - begun};
};

const frame = () => measured(() => {}, () => true);

const press = key => document.body.dispatchEvent(
  new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));

const cleanliness = tile => tile.dataset.cleanliness;

const select = tile => tile.dispatchEvent(
  new MouseEvent('click', {ctrlKey: true, bubbles: true, cancelable: true, detail: 1}));

// Selects the first rooms, wherever they are, and sets them all by one key to something else than
// they are. The board is where it was.
let isPickup = false;
const bulk = async count => {
  const selected = new Set();
  for (board().scrollTop = 0; selected.size < count; board().scrollTop += board().clientHeight) {
    await frameOver();
    for (const tile of tiles().filter(tile => !selected.has(tile.dataset.stop))) {
      if (selected.size < count) {
        selected.add(tile.dataset.stop);
        select(tile);
      }
    }
  }
  board().scrollTop = 0;
  await frameOver();
  const changed = tiles().filter(tile => selected.has(tile.dataset.stop));
  isPickup = !isPickup;
  const [letter, value] = isPickup ? ['p', 'Pickup'] : ['d', 'Dirty'];
  const shown = name => document.querySelector(`[data-testid="${name}"]`);
  const names = changed.map(tile => tile.dataset.testid);
  return measured(() => press(letter), () => names.every(name => cleanliness(shown(name)) === value));
};

// Types into the filter, and empties it again by another call.
const everything = left();
const key = async () => {
  const filter = document.querySelector('[data-testid="filter"]');
  const text = filter.value === '' ? '1' : '';
  return measured(() => {
    filter.value = text;
    filter.dispatchEvent(new InputEvent('input', {bubbles: true, data: text}));
  }, () => text === '' ? left() === everything : left() < everything);
};

// Scrolls a screen down or, from the end, to the top; the edge that came last into sight has tiles.
const EDGE = 200;
const scroll = async () => {
  const isAtEnd = board().scrollTop + board().clientHeight >= board().scrollHeight - 1;
  const {top, bottom} = board().getBoundingClientRect();
  const [from, to] = isAtEnd ? [top, top + EDGE] : [bottom - EDGE, bottom];
  const isThere = tile => {
    const place = tile.getBoundingClientRect();
    return place.bottom > from && place.top < to;
  };
  return measured(() => {
    board().scrollTop = isAtEnd ? 0 : board().scrollTop + board().clientHeight;
  }, () => tiles().some(isThere));
};

// The same tiles in the place of the board, with nothing behind them.
const bare = async act => {
  const board = document.querySelector('.groups');
  const copy = board.cloneNode(true);
  board.after(copy);
  board.style.display = 'none';
  try {
    return await act([...copy.querySelectorAll('.tile')]);
  } finally {
    copy.remove();
    board.style.display = '';
    await frameOver();
  }
};

const bareBulk = count => bare(copies => {
  const mark = copies.at(-1).querySelector('.code').innerHTML;
  return measured(() => {
    for (const tile of copies.slice(0, count)) {
      tile.dataset.cleanliness = cleanliness(tile) === 'Pickup' ? 'Dirty' : 'Pickup';
      tile.querySelector('.code').innerHTML = mark;
    }
  }, () => true);
});

// Every other tile gives way to one that was not there.
const bareKey = () => bare(copies => {
  const others = copies.map(tile => tile.parentElement.cloneNode(true));
  return measured(() => {
    copies.forEach((tile, at) => {
      if (at % 2 === 0) tile.parentElement.replaceWith(others[at]);
    });
  }, () => true);
});

// Measures in the page. Each function does one thing once and says how long it took.

const tiles = () => [...document.querySelectorAll('.tile')];

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

// Selects rooms, and sets them all by one key to something else than they are.
const bulk = async count => {
  const rooms = tiles().slice(0, count);
  const names = rooms.map(tile => tile.dataset.testid);
  const pickups = rooms.filter(tile => cleanliness(tile) === 'Pickup').length;
  const [letter, value] = pickups === count ? ['d', 'Dirty'] : ['p', 'Pickup'];
  for (const tile of rooms) {
    tile.dispatchEvent(
      new MouseEvent('click', {ctrlKey: true, bubbles: true, cancelable: true, detail: 1}));
  }
  const shown = name => document.querySelector(`[data-testid="${name}"]`);
  return measured(() => press(letter), () => names.every(name => cleanliness(shown(name)) === value));
};

// Types into the filter, and empties it again by another call.
let typed = 0;
const key = async () => {
  const filter = document.querySelector('[data-testid="filter"]');
  const text = filter.value === '' ? '1' : '';
  const inSight = () => tiles().filter(tile => !tile.closest('[hidden]')).length;
  const all = tiles().length;
  return measured(() => {
    filter.value = text;
    filter.dispatchEvent(new InputEvent('input', {bubbles: true, data: text}));
  }, () => text === '' ? inSight() === all : inSight() < all);
};

// The same tiles in the place of the board, with nothing behind them.
const bare = async act => {
  const board = document.querySelector('.floors');
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

const bareKey = () => bare(copies => measured(() => {
  for (const tile of copies) {
    tile.parentElement.hidden = !tile.querySelector('.number').textContent.includes('1');
  }
}, () => true));

package analyze

// denseBits is the size of a page of a table: ids are counted from 1, so pages fill up in order.
const denseBits = 8

const densePage = 1 << denseBits

// farPage is the first page that is looked up in a map: a damaged trace may claim any id, and must not make us allocate
// room for all smaller ones.
const (
	farPage     = 1 << 16
	farTaskPage = 1 << 20
)

// table maps the ids of one stream to what they stand for.
type table[T any] struct {
	pages []*[densePage]*T
	far   map[uint32]*[densePage]*T
}

func (t *table[T]) get(id uint32) *T {
	n := id >> denseBits
	if int(n) < len(t.pages) {
		if pg := t.pages[n]; pg != nil {
			return pg[id&(densePage-1)]
		}
		return nil
	}
	if pg := t.far[n]; pg != nil {
		return pg[id&(densePage-1)]
	}
	return nil
}

func (t *table[T]) put(id uint32, v *T) {
	t.page(id >> denseBits)[id&(densePage-1)] = v
}

func (t *table[T]) page(n uint32) *[densePage]*T {
	if n >= farPage {
		if t.far == nil {
			t.far = map[uint32]*[densePage]*T{}
		}
		if t.far[n] == nil {
			t.far[n] = new([densePage]*T)
		}
		return t.far[n]
	}
	for int(n) >= len(t.pages) {
		t.pages = append(t.pages, nil)
	}
	if t.pages[n] == nil {
		t.pages[n] = new([densePage]*T)
	}
	return t.pages[n]
}

// taskTable maps task ids to tasks. Tasks that are folded away leave a marker, and a page of nothing but markers is
// freed: the table's size follows the tasks that are there, but for one pointer per page.
type taskTable struct {
	pages  []*taskPage
	far    map[uint32]*taskPage
	folded *taskPage // stands for every page that was freed
}

type taskPage struct {
	slots [densePage]*task
	gone  int // slots that hold the marker
}

// foldedTask is the marker of tasks that are known to have been there.
var foldedTask = new(task)

func (t *taskTable) get(id uint32) *task {
	n := id >> denseBits
	if int(n) < len(t.pages) {
		if pg := t.pages[n]; pg != nil {
			return pg.slots[id&(densePage-1)]
		}
		return nil
	}
	if pg := t.far[n]; pg != nil {
		return pg.slots[id&(densePage-1)]
	}
	return nil
}

func (t *taskTable) put(id uint32, v *task) {
	pg := t.page(id >> denseBits)
	if pg == t.folded { // an id comes back: make room for it again
		pg = t.thaw(id >> denseBits)
	}
	slot := &pg.slots[id&(densePage-1)]
	if *slot == foldedTask {
		pg.gone--
	}
	*slot = v
}

// fold replaces a task by the marker.
func (t *taskTable) fold(id uint32) {
	n := id >> denseBits
	pg := t.page(n)
	if slot := &pg.slots[id&(densePage-1)]; *slot != foldedTask {
		*slot = foldedTask
		pg.gone++
	}
	// Id 0 does not exist, so the first page stays; it is one.
	if pg.gone == densePage && n < farTaskPage {
		t.pages[n] = t.foldedPage()
	}
}

func (t *taskTable) foldedPage() *taskPage {
	if t.folded == nil {
		t.folded = &taskPage{gone: densePage}
		for i := range t.folded.slots {
			t.folded.slots[i] = foldedTask
		}
	}
	return t.folded
}

func (t *taskTable) thaw(n uint32) *taskPage {
	pg := new(taskPage)
	*pg = *t.folded
	t.pages[n] = pg
	return pg
}

func (t *taskTable) page(n uint32) *taskPage {
	if n >= farTaskPage {
		if t.far == nil {
			t.far = map[uint32]*taskPage{}
		}
		if t.far[n] == nil {
			t.far[n] = new(taskPage)
		}
		return t.far[n]
	}
	for int(n) >= len(t.pages) {
		t.pages = append(t.pages, nil)
	}
	if t.pages[n] == nil {
		t.pages[n] = new(taskPage)
	}
	return t.pages[n]
}

// all yields the tasks that are there, by id; those of a damaged trace's far ids are left out.
func (t *taskTable) all(yield func(*task) bool) {
	for _, pg := range t.pages {
		if pg == nil || pg == t.folded {
			continue
		}
		for _, v := range pg.slots {
			if v != nil && v != foldedTask && !yield(v) {
				return
			}
		}
	}
}

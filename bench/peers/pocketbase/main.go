// PocketBase with its own record API: collections with rules and field checks, and synchronous=FULL as all others have it
// (its own default is NORMAL). It ignores fields it does not know and takes any page size, which nobody else here does.
package main

import (
	"log"
	"os"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

const pragmas = "?_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)" +
	"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)"

// In minutes.
var due = map[string]int{"urgent": 15, "high": 30, "normal": 120, "low": 1440}

type known struct {
	Name      string  `db:"name"`
	Email     *string `db:"email"`
	Phone     *string `db:"phone"`
	Tags      string  `db:"tags"`
	Notes     *string `db:"notes"`
	Language  *string `db:"language"`
	CreatedAt string  `db:"created_at"`
	ID        string  `db:"id"`
}

func main() {
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir:  os.Getenv("BENCH_DATA"),
		HideStartBanner: true,
		DBConnect:       func(path string) (*dbx.DB, error) { return dbx.Open("sqlite", path+pragmas) },
	})
	app.OnRecordCreate("tasks").BindFunc(func(e *core.RecordEvent) error {
		minutes := due[e.Record.GetString("priority")]
		e.Record.Set("status", "open")
		e.Record.Set("dueAt", time.Now().Add(time.Duration(minutes)*time.Minute))
		return e.Next()
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := prepare(e.App); err != nil {
			return err
		}
		return e.Next()
	})
	app.RootCmd.SetArgs([]string{"serve", "--http", "127.0.0.1:" + os.Getenv("PORT")})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}

// prepare makes the collections and their rows, once, and somebody who is signed in.
func prepare(app core.App) error {
	if _, err := app.FindCollectionByNameOrId("guests"); err == nil {
		return nil
	}
	app.Settings().Logs.MaxDays = 0
	if err := app.Save(app.Settings()); err != nil {
		return err
	}
	staff := core.NewAuthCollection("staff")
	if err := app.Save(staff); err != nil {
		return err
	}
	guests, err := madeGuests(app)
	if err != nil {
		return err
	}
	if err := madeTasks(app, guests); err != nil {
		return err
	}
	if err := fill(app, guests); err != nil {
		return err
	}
	person := core.NewRecord(staff)
	person.SetEmail("bench@example.com")
	person.SetPassword("only-for-the-benchmark-7")
	if err := app.Save(person); err != nil {
		return err
	}
	token, err := person.NewStaticAuthToken(24 * time.Hour)
	if err != nil {
		return err
	}
	return os.WriteFile(os.Getenv("BENCH_TOKEN"), []byte(token), 0o600)
}

func signedIn(c *core.Collection) *core.Collection {
	rule := types.Pointer("@request.auth.id != ''")
	c.ListRule, c.ViewRule, c.CreateRule = rule, rule, rule
	return c
}

func madeGuests(app core.App) (*core.Collection, error) {
	guests := signedIn(core.NewBaseCollection("guests"))
	guests.Fields.Add(
		&core.TextField{Name: "name", Required: true, Max: 200},
		&core.EmailField{Name: "email"},
		&core.TextField{Name: "phone"},
		&core.JSONField{Name: "tags"},
		&core.TextField{Name: "notes"},
		&core.TextField{Name: "language"},
		&core.DateField{Name: "createdAt"},
		&core.AutodateField{Name: "updatedAt", OnCreate: true, OnUpdate: true},
	)
	guests.AddIndex("guests_newest", false, "createdAt DESC, id DESC", "")
	return guests, app.Save(guests)
}

func madeTasks(app core.App, guests *core.Collection) error {
	tasks := signedIn(core.NewBaseCollection("tasks"))
	tasks.Fields.Add(
		&core.TextField{Name: "title", Required: true, Max: 200},
		&core.TextField{Name: "description", Max: 4096},
		&core.TextField{Name: "department", Required: true, Pattern: "^[a-z][a-z0-9-]{0,63}$"},
		&core.SelectField{Name: "priority", Required: true, Values: []string{"low", "normal", "high", "urgent"}},
		&core.TextField{Name: "status"},
		&core.RelationField{Name: "guestId", CollectionId: guests.Id, MaxSelect: 1},
		&core.DateField{Name: "dueAt"},
		&core.AutodateField{Name: "createdAt", OnCreate: true},
		&core.AutodateField{Name: "updatedAt", OnCreate: true, OnUpdate: true},
	)
	tasks.AddIndex("tasks_due", false, "status, dueAt, id", "")
	tasks.AddIndex("tasks_guest", false, "guestId", "")
	return app.Save(tasks)
}

// fill takes the guests of the file that every peer has.
func fill(app core.App, guests *core.Collection) error {
	file, err := dbx.Open("sqlite", os.Getenv("BENCH_DB"))
	if err != nil {
		return err
	}
	defer file.Close()
	var rows []known
	if err := file.NewQuery("SELECT id, name, email, phone, tags, notes, language, created_at FROM guests").All(&rows); err != nil {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		for _, row := range rows {
			record := core.NewRecord(guests)
			record.Load(map[string]any{
				"id": "gst" + row.ID[len(row.ID)-12:], "name": row.Name, "email": text(row.Email), "phone": text(row.Phone),
				"tags": row.Tags, "notes": text(row.Notes), "language": text(row.Language), "createdAt": row.CreatedAt,
			})
			if err := tx.SaveNoValidate(record); err != nil {
				return err
			}
		}
		return nil
	})
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

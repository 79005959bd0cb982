// Plain net/http over SQLite (mattn/go-sqlite3), as most who write a small service in Go begin: one process, prepared
// statements, encoding/json with structs. A guest's tags are JSON in the row.
package main

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	_ "github.com/mattn/go-sqlite3"
)

const (
	guestColumns = "id, name, email, phone, tags, notes, language, created_at, updated_at"
	taskColumns  = "id, title, description, department, priority, status, guest_id, conversation_id, room, assignee_id, " +
		"due_at, notes, completed_at, created_at, updated_at"
	session = `SELECT staff.id FROM sessions JOIN staff ON staff.id = sessions.staff_id
		WHERE sessions.jti = ? AND sessions.revoked_at IS NULL AND staff.active = 1`
	insertTask = `INSERT INTO tasks (id, title, description, department, priority, guest_id, due_at, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ` + taskColumns
	stamp = "2006-01-02T15:04:05.000Z"
)

// In minutes.
var due = map[string]int{"urgent": 15, "high": 30, "normal": 120, "low": 1440}

var slug = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

type guest struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Email     *string         `json:"email"`
	Phone     *string         `json:"phone"`
	Tags      json.RawMessage `json:"tags"`
	Notes     *string         `json:"notes"`
	Language  *string         `json:"language"`
	CreatedAt string          `json:"createdAt"`
	UpdatedAt string          `json:"updatedAt"`
}

type task struct {
	ID             string  `json:"id"`
	Title          string  `json:"title"`
	Description    *string `json:"description"`
	Department     string  `json:"department"`
	Priority       string  `json:"priority"`
	Status         string  `json:"status"`
	GuestID        *string `json:"guestId"`
	ConversationID *string `json:"conversationId"`
	Room           *string `json:"room"`
	Assignee       *string `json:"assignee"`
	DueAt          string  `json:"dueAt"`
	Overdue        bool    `json:"overdue"`
	Notes          *string `json:"notes"`
	CompletedAt    *string `json:"completedAt"`
	CreatedAt      string  `json:"createdAt"`
	UpdatedAt      string  `json:"updatedAt"`
}

type newTask struct {
	Title       string  `json:"title"`
	Description *string `json:"description"`
	Department  string  `json:"department"`
	Priority    string  `json:"priority"`
	GuestID     *string `json:"guestId"`
}

type meta struct {
	Page  int `json:"page"`
	Limit int `json:"limit"`
	Total int `json:"total"`
	Pages int `json:"pages"`
}

type envelope struct {
	Success bool  `json:"success"`
	Data    any   `json:"data"`
	Meta    *meta `json:"meta,omitempty"`
}

type server struct {
	db                                    *sql.DB
	secret                                []byte
	session, one, known, create, all, sum *sql.Stmt
}

// problem is an error with the status that says it.
type problem struct {
	status  int
	message string
}

func (p problem) Error() string { return p.message }

func main() {
	dsn := "file:" + os.Getenv("BENCH_DB") + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=30000&_txlock=immediate"
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		log.Fatal(err)
	}
	s := &server{db: db, secret: []byte(os.Getenv("BENCH_SECRET"))}
	s.session = s.prepared(session)
	s.one = s.prepared("SELECT " + guestColumns + " FROM guests WHERE id = ?")
	s.known = s.prepared("SELECT 1 FROM guests WHERE id = ?")
	s.create = s.prepared(insertTask)
	s.all = s.prepared("SELECT " + guestColumns + " FROM guests ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?")
	s.sum = s.prepared("SELECT count(*) FROM guests")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	mux.HandleFunc("GET /api/v1/guests", s.signedIn(s.list))
	mux.HandleFunc("GET /api/v1/guests/{id}", s.signedIn(s.get))
	mux.HandleFunc("POST /api/v1/tasks", s.signedIn(s.add))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}

func (s *server) prepared(sql string) *sql.Stmt {
	made, err := s.db.Prepare(sql)
	if err != nil {
		log.Fatal(err)
	}
	return made
}

func (s *server) signedIn(then func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := s.check(r)
		if err == nil {
			err = then(w, r)
		}
		var known problem
		switch {
		case err == nil:
		case errors.As(err, &known):
			send(w, known.status, map[string]any{"success": false, "error": known.message})
		default:
			log.Print(err)
			send(w, http.StatusInternalServerError, map[string]any{"success": false, "error": "It did not work"})
		}
	}
}

func (s *server) check(r *http.Request) error {
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	claims := jwt.RegisteredClaims{}
	key := func(*jwt.Token) (any, error) { return s.secret, nil }
	if _, err := jwt.ParseWithClaims(bearer, &claims, key, jwt.WithValidMethods([]string{"HS256"})); err != nil {
		return problem{http.StatusUnauthorized, "Invalid token"}
	}
	var staff string
	if s.session.QueryRow(claims.ID).Scan(&staff) != nil {
		return problem{http.StatusUnauthorized, "Session is over"}
	}
	return nil
}

func (s *server) get(w http.ResponseWriter, r *http.Request) error {
	found, err := scanned(s.one.QueryRow(r.PathValue("id")))
	if errors.Is(err, sql.ErrNoRows) {
		return problem{http.StatusNotFound, "Guest not found"}
	}
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, envelope{Success: true, Data: found})
}

func (s *server) list(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	for name := range asked {
		if name != "page" && name != "limit" && name != "search" && name != "tag" {
			return problem{http.StatusBadRequest, "Unknown: " + name}
		}
	}
	page, err := whole(asked, "page", 1, 1<<31)
	if err != nil {
		return err
	}
	limit, err := whole(asked, "limit", 20, 100)
	if err != nil {
		return err
	}
	found, total, err := s.page(asked, page, limit)
	if err != nil {
		return err
	}
	about := meta{Page: page, Limit: limit, Total: total, Pages: (total + limit - 1) / limit}
	return send(w, http.StatusOK, envelope{Success: true, Data: found, Meta: &about})
}

func (s *server) page(asked url.Values, page, limit int) ([]guest, int, error) {
	search, tag := asked.Get("search"), asked.Get("tag")
	var total int
	var rows *sql.Rows
	var err error
	if search == "" && tag == "" {
		if err = s.sum.QueryRow().Scan(&total); err != nil {
			return nil, 0, err
		}
		rows, err = s.all.Query(limit, (page-1)*limit)
	} else {
		where := ` FROM guests WHERE (?1 = '' OR (name || ' ' || coalesce(email, '')) LIKE '%' || ?1 || '%')
			AND (?2 = '' OR id IN (SELECT guest_id FROM guest_tags WHERE tag = ?2))`
		if err = s.db.QueryRow("SELECT count(*)"+where, search, tag).Scan(&total); err != nil {
			return nil, 0, err
		}
		order := " ORDER BY created_at DESC, id DESC LIMIT ?3 OFFSET ?4"
		rows, err = s.db.Query("SELECT "+guestColumns+where+order, search, tag, limit, (page-1)*limit)
	}
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	found := make([]guest, 0, limit)
	for rows.Next() {
		one, err := scanned(rows)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, one)
	}
	return found, total, rows.Err()
}

func (s *server) add(w http.ResponseWriter, r *http.Request) error {
	wanted := newTask{Priority: "normal"}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		return problem{http.StatusBadRequest, err.Error()}
	}
	minutes, isPriority := due[wanted.Priority]
	size := utf8.RuneCountInString(wanted.Title)
	if size < 1 || size > 200 || !isPriority || !slug.MatchString(wanted.Department) {
		return problem{http.StatusBadRequest, "Not a task"}
	}
	if wanted.Description != nil && utf8.RuneCountInString(*wanted.Description) > 4096 {
		return problem{http.StatusBadRequest, "description: too long"}
	}
	if wanted.GuestID != nil {
		var one int
		if s.known.QueryRow(*wanted.GuestID).Scan(&one) != nil {
			return problem{http.StatusBadRequest, "No such guest"}
		}
	}
	now := time.Now().UTC()
	at, dueAt := now.Format(stamp), now.Add(time.Duration(minutes)*time.Minute).Format(stamp)
	var t task
	err := s.create.QueryRow(newID(), wanted.Title, wanted.Description, wanted.Department, wanted.Priority, wanted.GuestID,
		dueAt, at, at).Scan(&t.ID, &t.Title, &t.Description, &t.Department, &t.Priority, &t.Status, &t.GuestID,
		&t.ConversationID, &t.Room, &t.Assignee, &t.DueAt, &t.Notes, &t.CompletedAt, &t.CreatedAt, &t.UpdatedAt)
	if err != nil {
		return err
	}
	return send(w, http.StatusCreated, envelope{Success: true, Data: t})
}

type row interface{ Scan(...any) error }

func scanned(from row) (guest, error) {
	var g guest
	var tags string
	err := from.Scan(&g.ID, &g.Name, &g.Email, &g.Phone, &tags, &g.Notes, &g.Language, &g.CreatedAt, &g.UpdatedAt)
	g.Tags = json.RawMessage(tags)
	return g, err
}

func whole(asked url.Values, name string, otherwise, most int) (int, error) {
	text := asked.Get(name)
	if text == "" {
		return otherwise, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > most {
		return 0, problem{http.StatusBadRequest, name + " is out of range"}
	}
	return number, nil
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("task-%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func send(w http.ResponseWriter, status int, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
	return nil
}

// A day of a hotel through the client that ogen makes. Prints a line a step; any difference ends it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"jack.example/interop/api"
)

var (
	ctx  = context.Background()
	gone = []string{"sent", "delivered", "read"}
)

// tokens is what a client signs its requests with.
type tokens struct{ staff, visitor string }

func (t tokens) Staff(context.Context, api.OperationName) (api.Staff, error) {
	return api.Staff{Token: t.staff}, nil
}

func (t tokens) Visitor(context.Context, api.OperationName) (api.Visitor, error) {
	return api.Visitor{Token: t.visitor}, nil
}

func client(signed tokens) *api.Client {
	return must(api.NewClient(os.Getenv("JACK_URL"), signed))
}

func must[T any](found T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return found
}

// as is the answer a call should have had.
func as[T any](answer any) T {
	found, ok := answer.(T)
	check(ok, answer)
	return found
}

func check(so bool, what any) {
	if !so {
		log.Fatalf("%T %+v", what, what)
	}
}

func step(name string) { fmt.Println("ok", name) }

func main() {
	known := &api.Login{Email: os.Getenv("JACK_EMAIL"), Password: os.Getenv("JACK_PASSWORD")}
	session := as[*api.SessionAnswerHeaders](must(client(tokens{}).LogIn(ctx, known, api.LogInParams{})))
	check(session.Response.Data.User.Role == "admin", session)
	staff := client(tokens{staff: session.Response.Data.Token})
	step("sign in")

	task := create(staff)
	step("create")
	list(staff, task)
	step("list with filters")
	pageThroughAll(staff)
	step("page through all")
	send(staff)
	step("send")
	done := must(staff.ChangeTask(ctx, &api.TaskPatch{
		Status: api.NewOptTaskPatchStatus(api.TaskPatchStatusCompleted),
		Notes:  api.NewOptNilString("Delivered"),
	}, api.ChangeTaskParams{TaskId: task}))
	check(!as[*api.PutTaskByExternalIdOKHeaders](done).Response.Data.CompletedAt.Null, done)
	step("complete")
	refusals(staff)
}

func create(staff *api.Client) (task string) {
	tags := []string{"interop"}
	body := &api.GuestCreate{Name: "María", Phone: api.NewOptNilString("+34 600 123 456"), Tags: tags}
	made := as[*api.GuestAnswerHeaders](must(staff.CreateGuest(ctx, body, api.CreateGuestParams{})))
	maria := made.Response.Data
	check(maria.Phone.Value == "+34600123456" && maria.Email.Null, maria)
	several := &api.GuestBulk{}
	for number := range 25 {
		several.Items = append(several.Items, api.GuestCreate{Name: fmt.Sprintf("Guest %02d", number), Tags: tags})
	}
	results := as[*api.GuestResultListHeaders](must(staff.CreateGuests(ctx, several, api.CreateGuestsParams{})))
	check(len(results.Response.Data) == 25, results)
	for _, result := range results.Response.Data {
		check(result.Success && result.Data.Set, result)
	}
	towels := &api.TaskCreate{
		Title: "Extra towels", Department: "housekeeping", GuestId: api.NewOptNilString(maria.ID),
		Priority: api.NewOptTaskCreatePriority(api.TaskCreatePriorityUrgent),
	}
	return as[*api.TaskAnswerHeaders](must(staff.CreateTask(ctx, towels, api.CreateTaskParams{}))).Response.Data.ID
}

func list(staff *api.Client, task string) {
	found := as[*api.TaskListHeaders](must(staff.ListTasks(ctx, api.ListTasksParams{
		Status:     []api.ListTasksStatusItem{api.ListTasksStatusItemOpen},
		Priority:   []api.ListTasksPriorityItem{api.ListTasksPriorityItemUrgent},
		Department: api.NewOptString("housekeeping"),
	}))).Response.Data
	check(len(found) == 1 && found[0].ID == task, found)
	same := as[*api.GuestListHeaders](must(staff.ListGuests(ctx, api.ListGuestsParams{
		Search: api.NewOptString("MARIA"), Tag: []string{"interop"},
	})))
	check(same.Response.Meta.Total.Value == 1, same)
}

func pageThroughAll(staff *api.Client) {
	seen := map[string]bool{}
	for page, pages := 1, 1; page <= pages; page++ {
		part := as[*api.GuestListHeaders](must(staff.ListGuests(ctx, api.ListGuestsParams{
			Page: api.NewOptInt(page), Limit: api.NewOptInt(10), Tag: []string{"interop"},
		}))).Response
		for _, guest := range part.Data {
			check(!seen[guest.ID], guest)
			seen[guest.ID] = true
		}
		pages = part.Meta.Pages.Value // there in lists by page, not in those by cursor
	}
	check(len(seen) == 26, seen)
}

func send(staff *api.Client) {
	who := &api.VisitorSessionCreate{Name: api.NewOptNilString("Ana")}
	visit := as[*api.VisitorSessionAnswerHeaders](must(client(tokens{}).BeginVisitorSession(ctx, who, api.BeginVisitorSessionParams{})))
	visitor := client(tokens{visitor: visit.Response.Data.Token})
	question := &api.VisitorMessageCreate{Content: "Is the pool open?", ClientMessageId: "question-1"}
	must(visitor.SendVisitorMessage(ctx, question, api.SendVisitorMessageParams{}))
	chats := as[*api.ConversationListHeaders](must(staff.ListConversations(ctx, api.ListConversationsParams{
		Status:  api.NewOptListConversationsStatus(api.ListConversationsStatusOpen),
		Channel: api.NewOptListConversationsChannel(api.ListConversationsChannelWeb),
	})))
	chat := chats.Response.Data[0].ID
	answer := &api.MessageCreate{Content: api.NewOptString("Until 10 PM."), Type: api.NewOptMessageCreateType(api.MessageCreateTypeText)}
	sent := must(staff.SendMessage(ctx, answer, api.SendMessageParams{ConversationId: chat}))
	said := as[*api.MessageAnswerHeaders](sent).Response.Data
	check(said.Author.Type == "staff", said)
	for tries := 0; tries < 40 && !slices.Contains(gone, said.Status.Value); tries++ {
		time.Sleep(500 * time.Millisecond)
		now := must(staff.GetMessage(ctx, api.GetMessageParams{MessageId: said.ID}))
		said = as[*api.GetMessageOKHeaders](now).Response.Data
	}
	check(slices.Contains(gone, said.Status.Value), said)
}

func refusals(staff *api.Client) {
	wrong := &api.TaskCreate{Title: "Towels", Department: "no-such"}
	invalid := as[*api.InvalidHeaders](must(staff.CreateTask(ctx, wrong, api.CreateTaskParams{}))).Response.Error
	check(invalid.Code == "VALIDATION_ERROR" && invalid.Details[0].Field == "department", invalid)
	step("400")

	missing := must(staff.GetGuest(ctx, api.GetGuestParams{GuestId: "guest-nobody"}))
	check(as[*api.NotFoundHeaders](missing).Response.Error.Code == "NOT_FOUND", missing)
	step("404")

	for range 201 {
		answer := must(staff.ListGuests(ctx, api.ListGuestsParams{Limit: api.NewOptInt(1)}))
		if limited, ok := answer.(*api.RateLimitedHeaders); ok {
			check(limited.Response.Error.Code == "RATE_LIMITED" && limited.RetryAfter.Value >= 1, limited)
			step("429")
			return
		}
	}
	log.Fatal("201 requests at once were taken")
}

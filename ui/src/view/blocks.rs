//! When and why a room is out of use, and what it is afterwards.

use super::{
    choice::{Choice, List, words},
    controls::{CommandButton, Shown},
    icon::{Icon, icon},
    typed::{Typed, day_text},
};
use crate::{
    app::{App, ToastKind},
    catalogue::t,
    drafts::NewBlock,
    fresh::fresh,
    press::click,
    query::few::in_order,
    words::problem::refusal,
};
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{BlockDraft, BlockEdit, Command, RoomCommand},
    ids::{BlockId, RoomId},
    ipc::Request,
    limits::{MAX_BLOCK_DAYS, MAX_TITLE},
    refusal::Refusal,
    room_block::{BlockKind, RoomBlock},
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn Blocks(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let blocks = Memo::new(move |_| blocks_of(app, id));
    let draft = app.drafts.new_block(id);
    let refused = Memo::new(move |_| {
        app.refuses(&Command::Rooms(RoomCommand::EndBlock {
            block: BlockId::default(),
        }))
    });
    let open = move |_| {
        if refused.read_untracked().is_none() && !draft.has_untracked() {
            let today = untrack(|| app.mirror.business_date());
            draft.set(Some(NewBlock {
                kind: BlockKind::OutOfOrder.word().to_owned(),
                reason: String::new(),
                from: today.to_string(),
                until: today.plus_days(1).to_string(),
                return_status: Cleanliness::Dirty.word().to_owned(),
            }));
        }
    };
    view! {
        <section class="part" aria-label=t("blocks.title")>
            <h3>
                {t("blocks.title")}
                <button
                    type="button"
                    class="button plain add"
                    data-testid="add-block"
                    title=move || refused.get()
                    aria-disabled=move || refused.read().is_some().then_some("true")
                    on:click=click(open)
                >
                    {icon(Icon::Ban)}
                    {t("blocks.add")}
                </button>
            </h3>
            <Shown when=move || blocks.read().is_empty() && !draft.has()>
                <p class="faint">{t("blocks.none")}</p>
            </Shown>
            <For
                each=move || blocks.get()
                key=|(block, _)| *block
                children=move |(block, _)| view! { <Block id=block blocks refused/> }
            />
            <Shown when=move || draft.has()>
                <BlockForm room=id/>
            </Shown>
        </section>
    }
}

type Kept = Vec<(BlockId, RoomBlock)>;

/// The times out of use that are not over, the next one first.
fn blocks_of(app: App, room: RoomId) -> Kept {
    let open = app.mirror.with_room(room, |file| {
        let open = file.blocks().filter(|(_, block)| !block.ended);
        in_order(open, |(id, block)| (block.from, *id))
            .into_iter()
            .map(|(id, block)| (id, block.clone()))
            .collect()
    });
    open.unwrap_or_default()
}

/// One time out of use, each field edited in place.
#[component]
fn Block(id: BlockId, blocks: Memo<Kept>, refused: Memo<Option<String>>) -> impl IntoView {
    let read = move |field: fn(&RoomBlock) -> String| {
        Signal::derive(move || {
            let blocks = blocks.read();
            let found = blocks.iter().find(|(other, _)| *other == id);
            found.map(|(_, block)| field(block)).unwrap_or_default()
        })
    };
    let edit = move |edit: BlockEdit| {
        let edit = Box::new(edit);
        Some(Command::Rooms(RoomCommand::EditBlock { block: id, edit }))
    };
    view! {
        <div class="block" data-testid="block">
            <div class="pair">
                <Choice
                    testid="block-kind"
                    name=t("field.block-kind")
                    value=read(|block| block.kind.word().to_owned())
                    options=words("block", BlockKind::ALL, |kind| kind.word())
                    refused
                    choose=move |word: String| {
                        let kind = Some(word.parse().ok()?);
                        edit(BlockEdit { kind, ..BlockEdit::default() })
                    }
                />
                <CommandButton
                    command=Command::Rooms(RoomCommand::EndBlock { block: id })
                    label=t("blocks.end")
                    mark=Icon::Check
                    testid="end-block"
                />
            </div>
            <Typed
                testid="block-reason"
                name=t("field.reason").to_owned()
                value=read(|block| block.reason.clone())
                refused
                write=move |reason: String| {
                    edit(BlockEdit { reason: Some(reason), ..BlockEdit::default() })
                }
            />
            <div class="pair">
                <label class="field">
                    <span>{t("field.from")}</span>
                    <Typed
                        testid="block-from"
                        kind="date"
                        value=read(|block| day_text(block.from))
                        refused
                        write=move |day: String| {
                            let from = Some(day.parse().ok()?);
                            edit(BlockEdit { from, ..BlockEdit::default() })
                        }
                    />
                </label>
                <label class="field">
                    <span>{t("field.until")}</span>
                    <Typed
                        testid="block-until"
                        kind="date"
                        value=read(|block| day_text(block.until))
                        refused
                        write=move |day: String| {
                            let until = Some(day.parse().ok()?);
                            edit(BlockEdit { until, ..BlockEdit::default() })
                        }
                    />
                </label>
            </div>
            <label class="field">
                <span>{t("field.return-status")}</span>
                <Choice
                    testid="block-return"
                    value=read(|block| block.return_status.word().to_owned())
                    options=words("cleanliness", Cleanliness::ALL, |value| value.word())
                    refused
                    choose=move |word: String| {
                        let return_status = Some(word.parse().ok()?);
                        edit(BlockEdit { return_status, ..BlockEdit::default() })
                    }
                />
            </label>
        </div>
    }
}

/// Takes the room out of use.
#[component]
fn BlockForm(room: RoomId) -> impl IntoView {
    let app = App::of_page();
    let draft = app.drafts.new_block(room);
    let read = move |field: fn(NewBlock) -> String| {
        Signal::derive(move || draft.get().map(field).unwrap_or_default())
    };
    let write = move |change: &dyn Fn(&mut NewBlock)| {
        draft.set(draft.get_untracked().map(|mut block| {
            change(&mut block);
            block
        }));
    };
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(sent) = draft.get_untracked() else {
            return;
        };
        let days = sent.from.parse().ok().zip(sent.until.parse().ok());
        let (Some((from, until)), Some(id)) = (days, fresh()) else {
            let days = MAX_BLOCK_DAYS;
            return app.say(ToastKind::Problem, refusal(&Refusal::BadBlock { days }));
        };
        let wanted = BlockDraft {
            room,
            kind: sent.kind.parse().unwrap_or_default(),
            reason: sent.reason.clone(),
            from,
            until,
            return_status: sent.return_status.parse().unwrap_or_default(),
        };
        let command = Command::Rooms(RoomCommand::Block {
            block: BlockId(id),
            draft: Box::new(wanted),
        });
        app.attempt(Request::Do(command), move |done| match done {
            Ok(_) if draft.get_untracked() == Some(sent) => draft.set(None),
            Ok(_) => {}
            Err(problem) => app.fail(&problem),
        });
    };
    let day = move |testid, value: Signal<String>, set: fn(&mut NewBlock, String)| {
        view! {
            <input
                class="input"
                type="date"
                data-testid=testid
                prop:value=value
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    write(&|block| set(block, typed.clone()));
                }
            />
        }
    };
    view! {
        <form class="inline-form" data-testid="block-form" on:submit=save>
            <div class="pair">
                <label class="field">
                    <span>{t("field.block-kind")}</span>
                    <List
                        testid="new-block-kind"
                        class="select"
                        name=None
                        value=read(|block| block.kind)
                        options=words("block", BlockKind::ALL, |kind| kind.word())
                        choose=move |(word, _): (String, Trigger)| {
                            write(&|block| block.kind.clone_from(&word));
                        }
                    />
                </label>
                <label class="field">
                    <span>{t("field.return-status")}</span>
                    <List
                        testid="new-block-return"
                        class="select"
                        name=None
                        value=read(|block| block.return_status)
                        options=words("cleanliness", Cleanliness::ALL, |value| value.word())
                        choose=move |(word, _): (String, Trigger)| {
                            write(&|block| block.return_status.clone_from(&word));
                        }
                    />
                </label>
            </div>
            <label class="field">
                <span>{t("field.reason")}</span>
                <input
                    class="input"
                    data-testid="new-block-reason"
                    maxlength=MAX_TITLE
                    placeholder=t("blocks.reason-hint")
                    prop:value=read(|block| block.reason)
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        write(&|block| block.reason.clone_from(&typed));
                    }
                />
            </label>
            <div class="pair">
                <label class="field">
                    <span>{t("field.from")}</span>
                    {day("new-block-from", read(|block| block.from), |block, day| block.from = day)}
                </label>
                <label class="field">
                    <span>{t("field.until")}</span>
                    {day("new-block-until", read(|block| block.until), |block, day| block.until = day)}
                </label>
            </div>
            <div class="form-foot">
                <button type="button" class="button" on:click=click(move |_| draft.set(None))>
                    {t("cancel")}
                </button>
                <button type="submit" class="button primary" data-testid="block-save">
                    {t("blocks.save")}
                </button>
            </div>
        </form>
    }
}
